package hostfuncs

// Services are what stands behind the capabilities: one of each for all plugins of a host. What is nil the
// host does not have, and its functions answer CodeUnsupported. They are safe for concurrent use and must
// outlive every Env.
type Services struct {
	HTTP      *HTTPClient // servers of the internet
	API       *API        // the host application's own API
	Events    Events      // its channels of events
	Data      Data        // its records
	Authz     Authorizer  // what its people may do
	KV        Store       // what plugins keep
	Telemetry Telemetry   // what plugins count and time
}
