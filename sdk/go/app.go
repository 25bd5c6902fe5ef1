package vitrine

import "github.com/vitrine-run/vitrine/abi"

// App is a plugin with a user interface. It is called when the plugin is mounted; variables that its
// View and its handlers share are the plugin's state.
type App func(*Context) View

// View says what is to be seen now. It is called after every event and must not wait or change
// state. A nil Node shows nothing.
type View func() Node

// Context is what a plugin can ask of its host. A plugin has one while it is mounted, passed to its
// App. It is for the one thread that a plugin has.
type Context struct {
	host      host
	locale    string
	props     Props
	propsRead bool
	settings  Props
	setRead   bool
	tasks     []*Task
	tickets   map[uint32]*Ticket
	incoming  []byte // the message under way
	onUpdate  func()
	onUnmount func()
	onSave    func() []byte
	restored  []byte
}

// host is what the functions that a plugin imports do. Its methods are called through this interface
// and nowhere else, so that the linker leaves out the imports of those that a plugin does not use:
// the import section of a module says what it can reach. They are not exported because the linker
// keeps exported methods for a program that uses reflection.
type host interface {
	render(tree []byte) abi.Code
	paint(pixels []byte) abi.Code
	effect(request []byte) abi.Code
	again() abi.Code
	pending() bool
	readProps() ([]byte, abi.Code)
	readSettings() ([]byte, abi.Code)
	log(level int32, record []byte) abi.Code
	now() int64
	monotonic() int64
	random(b []byte) abi.Code

	cancel(ticket uint32) abi.Code
	startProp(b []byte) int32
	callProp(b []byte) ([]byte, abi.Code)
	startHTTP(b []byte) int32
	startAPI(b []byte) int32
	startData(b []byte) int32
	startJob(b []byte) int32
	subscribe(b []byte) int32
	kvGet(b []byte) ([]byte, abi.Code)
	kvPut(b []byte) abi.Code
	kvKeys(b []byte) ([]byte, abi.Code)
	asset(name []byte) ([]byte, abi.Code)
	may(b []byte) int32
	user() ([]byte, abi.Code)
	count(b []byte) abi.Code
	beginSpan(name []byte) int32
	endSpan(number uint32, failed bool) abi.Code
}

// Locale is the person's language as a BCP 47 tag, such as "en" or "pt-BR"; empty if unknown.
func (c *Context) Locale() string { return c.locale }

// Props is what the host passed in last. They are fetched once in a call of the plugin that asks for
// them and not kept beyond it: they may be large.
func (c *Context) Props() Props {
	if !c.propsRead {
		raw, code := c.host.readProps()
		if code < 0 {
			raw = nil
		}
		c.props, c.propsRead = Props{raw}, true
	}
	return c.props
}

// Settings is what an admin has set for the plugin, with the manifest's defaults for the rest. Secrets are not
// among them: a request names one (Header.Secret), and nobody but the server reads it. It is read as Props is.
func (c *Context) Settings() Props {
	if !c.setRead {
		raw, code := c.host.readSettings()
		if code < 0 {
			raw = nil
		}
		c.settings, c.setRead = Props{raw}, true
	}
	return c.settings
}

func (c *Context) forgetProps() {
	c.props, c.propsRead, c.settings, c.setRead = Props{}, false, Props{}, false
}

// OnSave sets what answers with the plugin's state when a newer version is to take over: bytes of any
// form, a host takes a MiB. The newer version finds them in Restored. A plugin that sets none goes on in the
// old version, or starts afresh.
func (c *Context) OnSave(state func() []byte) { c.onSave = state }

// Restored is what an earlier version has saved, nil if there was none. It is whatever that version wrote:
// check it.
func (c *Context) Restored() []byte { return c.restored }

// OnUpdate sets what is done when the props or the settings have changed, before the View is called.
func (c *Context) OnUpdate(do func()) { c.onUpdate = do }

// OnUnmount sets what is done when the plugin is taken out of the page.
func (c *Context) OnUnmount(do func()) { c.onUnmount = do }

// Task is work that is under way.
type Task struct {
	step    func() bool
	stopped bool
}

// Stop ends the task: its step is not called again. A nil Task may be stopped.
func (t *Task) Stop() {
	if t != nil {
		t.stopped = true
	}
}

// Running reports whether the task has steps to do. A nil Task has none.
func (t *Task) Running() bool { return t != nil && !t.stopped }

// Later does work that takes long: it calls step in a turn of its own, and again as long as step
// returns true. Events that have come in go first, and the View is called after each step, so that
// the plugin stays live if a step takes no longer than some 20 ms. Several tasks take turns.
func (c *Context) Later(step func() (more bool)) *Task {
	t := &Task{step: step}
	if c.tasks = append(c.tasks, t); len(c.tasks) == 1 {
		c.host.again()
	}
	return t
}

// Pending reports whether events are waiting, so that a step can end early.
func (c *Context) Pending() bool { return c.host.pending() }

// turn does one step of the first task.
func (c *Context) turn() {
	c.dropStopped()
	if len(c.tasks) == 0 {
		return
	}
	t := c.tasks[0]
	c.tasks = append(c.tasks[1:], t)
	more := false // a step that panics is its task's last
	defer func() {
		if !more {
			t.stopped = true
		}
		if c.dropStopped(); len(c.tasks) > 0 {
			c.host.again()
		}
	}()
	more = t.step()
}

func (c *Context) dropStopped() {
	kept := c.tasks[:0]
	for _, t := range c.tasks {
		if !t.stopped {
			kept = append(kept, t)
		}
	}
	clear(c.tasks[len(kept):])
	c.tasks = kept
}
