package report

// Words explain a case to who has not seen it before.
type Words struct {
	Title string
	What  string // is measured
	How   string // it is measured, and what to keep in mind
}

// order is the order of the cases on the page.
var order = []string{"plugin", "fuel", "metering", "refuse", "engines", "program", "call", "hostcall", "policy", "start", "reset", "idle", "density", "parallel", "kill", "freeze", "fairness", "event", "bytes", "browser", "mounts", "slow", "reload", "http", "denied"}

var words = map[string]Words{
	"metering": {"What metering costs", "Kernels and programs in C, Rust and Go, rewritten so that they count their own fuel, beside the same code without.",
		"Unmetered is the same engine and the same memory, by the processor time of the thread. wazero is as it comes, without and with its own interruption, by the wall clock, from making an instance to closing it."},
	"refuse":   {"Refusing a module", "How long a module of a few bytes that declares billions of things occupies its host.", "By the validator, which reads it before any engine does."},
	"engines":  {"Engines", "The same kernels on each engine that Vitrine can run on.", "The module is the same rewritten one, and so is the fuel. Wasmtime is optional: a build without it has no such line."},
	"program":  {"Whole programs", "The same work in each system, from its input to its answer.", "Native Go has no isolation at all: it is what isolation is paid from."},
	"call":     {"A call", "Bytes in and the same bytes out, on a plugin that is there already.", "Extism and wasmtime run through their Go APIs, set up as their documentation advises. A process is started for every call, or stays and is spoken to through gRPC."},
	"hostcall": {"A call of the host", "What a guest pays to call a function of its host.", "A thousand calls in a loop, each of which answers; the guest counts the wrong ones."},
	"policy":   {"The policy before each call", "What it costs to ask whether a call is allowed, and a host call with that question in it.", "wazero's own call decides nothing. A decision is the question alone, asked of five layers with several rules each."},
	"start":    {"To the first answer", "A module's bytes become an instance that has answered once: compiled, from the disk cache, as a new instance, out of the pool.", "Cold starts and those from the cache have a process of their own each; the first answer counts from its main function. Vitrine's cache is authenticated."},
	"reset":    {"A clean instance for every call", "One small call on an instance in which nobody has left anything.", "Vitrine puts the memory back to a snapshot; the others make an instance anew. Extism's C guest is another one, made for its own host functions: the same call, in the words of its PDK."},
	"idle":     {"Sandboxes that have nothing to do", "Resident memory of many parked sandboxes, from the operating system, and how long one needs to come back.", "Measured in a process of its own that has done nothing else."},
	"density":  {"Density", "How many sandboxes fit until the process holds 4 GB.", "Each has answered one call. It is extrapolated from as many as were made, n of them; Vitrine's are parked as it parks what nobody calls, the others' are live, and Extism's C guest is another one, made for its own host functions. A process stays here, and answers again."},
	"parallel": {"On all cores", "Jobs a second by 1, 2, 4 and more goroutines at once.", "Each has an instance of its own."},
	"kill":     {"Killing", "How long after its deadline a hostile guest is gone.", "Native Go is the control: a loop in Go in the guest's place, which looks at the clock until its deadline. What both have, the machine does. A guest that somebody has not ended within two seconds has no figure: what part of the runs ended stands beside. Fuel knows no time: with as much as an empty loop uses by the deadline, what is shown is how long guests run altogether."},
	"freeze":   {"What the host feels", "A garbage collection in a loop and a 1 ms ticker while hostile guests compute.", "Native Go is the control, in turns with the guests in the same process. What both have, the machine does."},
	"fairness": {"Fairness", "The share of the processor of one guest beside many of another principal.", "One would have a twenty-first part if guests were served alike."},
	"http":     {"Requests through the host", "Throughput of the http capability to a server on loopback, beside net/http's own client.", "Addresses are checked when the connection is made, and every redirect is."},
	"denied":   {"Denied calls", "What ten million calls that are denied cost the host.", "They cost the guest its fuel like any other call."},
	"event":    {"From an event to the patch", "An event enters the server's socket, the plugin renders, the patch is on the wire.", "Real frames on loopback. The pages are played by another process on the same cores, which is part of the figure."},
	"bytes":    {"Bytes on the wire", "The payload of the patch after a change, and what a page loads of the shell.", "Remote DOM does the same to the same rows; its messages are serialised as JSON. The shell's files are compressed by gzip, each by itself."},
	"plugin": {"Your plugin", "One function of a plugin of the reader's, with one input.",
		"Vitrine itself is a clean instance for each call, out of the pool; one that is called again is the warm one. wazero is one instance as it comes, which nothing stops."},
	"fuel":    {"Fuel by function", "What each function of the plugin used itself in one call. Together they are the fuel of the call.", "Counted on an instance that listens to every call, which is many times slower and uses the same fuel."},
	"browser": {"In the page", "What changes of a table of 1,000 and 10,000 rows take in Chromium, from the message to the document.", "The table is compared after each change."},
	"mounts":  {"Mounts that nobody uses", "Memory and goroutines of a mount on an idle page, outside its sandbox.", "From the operating system, of the server's process, after it has given back what it does not need."},
	"slow":    {"Pages that read nothing", "From an event to its patch while other pages do not read what their plugins render flat out.", "The latest state wins: what was not read is replaced and not kept."},
	"reload":  {"Replacing a version", "A new version takes over while calls go on.", "It is compiled, warmed and probed beside the old one first."},
}

// metrics are what figures are called whose names say little by themselves: of one case, or of all.
var metrics = map[string]string{
	"time": "time of one operation", "answer": "time to the first answer", "process": "the same, from before the process was started",
	"over": "what a call costs more than wazero's own", "call": "time of a call", "allowed": "time of a decision that allows", "kept": "memory kept",
	"rss": "resident memory", "pss": "resident memory, of what is shared only a part", "each": "resident memory of each", "script": "time in JavaScript",
	"browser total": "time to the end of layout", "fuel total": "fuel with what they called", "share": "share of the processor", "scaling": "throughput over that of one goroutine", "payload": "bytes of the patch",
	"gzip": "what a page loads, compressed", "heap": "Go's heap", "records": "records of denials",
	"kill ended": "part of the runs that ended within two seconds", "freeze ended": "part of the bombs that ended within two seconds", "kill took": "how long a guest ran",
	"kill late": "how late it is gone", "kill late_over_5ms": "part of them over 5 ms late", "freeze gc": "a garbage collection", "freeze tick": "from tick to tick",
	"freeze gc_over_10ms": "part of the collections over 10 ms", "freeze tick_over_20ms": "part of the ticks over 20 ms", "denied late": "how late somebody else's call comes",
	"reload ready": "until the new version is ready", "reload handover": "calls stand still", "reload call": "a call meanwhile",
	"http throughput": "part of the throughput of net/http", "http requests": "requests a second",
	"density extrapolated": "sandboxes in 4 GB, extrapolated", "density memory_c": "memory of so many, C guest", "density memory_go": "memory of so many, Go guest",
	"parallel throughput": "throughput, by goroutines", "mounts grown": "memory of so many mounts", "mounts rss": "resident memory of each",
	"mounts heap": "Go's heap of each", "mounts stacks": "stacks of each", "mounts goroutines": "goroutines of each",
}

// WordsOf explain a case; ok is false if nothing does.
func WordsOf(name string) (w Words, ok bool) { w, ok = words[name]; return w, ok }
