package main

// extismGoGuest is the guest in Go by Extism's conventions, as its documentation has it for a plugin in Go
// without TinyGo (extism.org/docs/quickstart/plugin-quickstart).
func extismGoGuest() ([]byte, error) { return pluginModule("extism", "./extismguest") }
