package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/vitrine-run/vitrine/examples/weatherapi"
	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/sandbox"
)

// connect puts behind the capabilities what this server has: the internet, a store, and in the demonstration
// an application of its own.
func (c *serveCmd) connect(s *shelf) error {
	opts := &hostfuncs.HTTPOptions{}
	if c.Demo {
		if err := s.addDemoWorld(opts); err != nil {
			return err
		}
	}
	client := hostfuncs.NewHTTPClient(opts)
	s.closers = append(s.closers, func(context.Context) error { client.Close(); return nil })
	store, end, err := openStore(c.Data)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func(context.Context) error { return end() })
	s.world.HTTP, s.world.KV = client, store
	return nil
}

// The one attendee of the demonstration's application.
const (
	demoTenant   = "demo"
	demoAttendee = "a-17"
)

// addDemoWorld starts what the examples reach: the weather's server, on this machine alone, and an
// application with an attendee who changes.
func (s *shelf) addDemoWorld(opts *hostfuncs.HTTPOptions) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: weatherapi.Handler(time.Now), ReadHeaderTimeout: headerTime, ReadTimeout: answerTime, WriteTimeout: answerTime}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.logger.Error("the demo's weather has ended", "error", err)
		}
	}()
	s.closers = append(s.closers, server.Shutdown)
	opts.InsecureDial = map[string]string{weatherapi.Host + ":80": listener.Addr().String()}

	events := &hostfuncs.MemoryEvents{}
	data := &hostfuncs.MemoryData{Changed: func(tenant, model, ability, key, instance string, _ map[string]any) {
		if model == "Attendee" && ability == "update" {
			events.Publish(tenant, hostfuncs.Topic{Channel: "attendee.updated", Key: key, Instance: instance}, hostfuncs.HostEvent{})
		}
	}}
	data.Put(demoTenant, "Attendee", demoAttendee, map[string]any{
		"id": demoAttendee, "name": "Ada Lovelace", "company": "Analytical Engines", "ticket": "Speaker", "here": false,
	})
	s.world.Data, s.world.Events = data, events
	stop := make(chan struct{})
	go arrivals(stop, data)
	s.closers = append(s.closers, func(context.Context) error { close(stop); return nil })
	return nil
}

// arrivals lets somebody at the door check the attendee in and out, so that the page has something live.
func arrivals(stop chan struct{}, data *hostfuncs.MemoryData) {
	door := &hostfuncs.Subject{Tenant: demoTenant}
	for here := true; ; here = !here {
		select {
		case <-stop:
			return
		case <-time.After(20 * time.Second):
		}
		change := &hostfuncs.DataQuery{Model: "Attendee", Ability: "update", Key: "id", Instance: demoAttendee, Value: map[string]any{"here": here}}
		if _, err := data.Access(context.Background(), door, change); err != nil {
			panic(fmt.Sprint("the demo's attendee: ", err)) // it is there and stays
		}
	}
}

// demoPlace is where an example is shown, with all that it asks for.
func demoPlace(name string, plugin *sandbox.Plugin) host.Place {
	m := plugin.Manifest()
	p := host.Place{Plugin: plugin, Grants: m.Capabilities, Permissions: m.Permissions, Tenant: demoTenant}
	if name == "attendee" {
		p.Instances = map[string]string{"attendee": demoAttendee}
		p.Props = map[string]any{"attendee": demoAttendee}
		p.Components = demoComponents()
	}
	return p
}
