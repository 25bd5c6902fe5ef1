package vitrinetest_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/vitrine-run/vitrine/abi"
	v "github.com/vitrine-run/vitrine/sdk/go"
	"github.com/vitrine-run/vitrine/sdk/go/vitrinetest"
)

// lines is a plugin that shows what it has heard.
func lines(do func(c *v.Context, say func(format string, args ...any))) v.App {
	return func(c *v.Context) v.View {
		var said []string
		do(c, func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) })
		return func() v.Node {
			box := v.Box()
			for _, s := range said {
				box.Add(v.Text(s))
			}
			return box
		}
	}
}

func TestAnswersComeAsMessages(t *testing.T) {
	world := vitrinetest.World{
		Fetch: func(r *v.Request) (*v.Response, error) {
			return &v.Response{Status: 200, Header: []v.Header{{Name: "X-A", Value: "b"}}, Body: []byte(r.Method + r.URL + string(r.Body) + r.Header[0].Secret)}, nil
		},
		API:       func(r *v.Request) (*v.Response, error) { return nil, v.Unavailable },
		Data:      func(q *v.Query) (any, error) { return map[string]any{"name": q.Model + q.Instance}, nil },
		Functions: map[string]func([]byte) ([]byte, error){"sum": func(b []byte) ([]byte, error) { return append(b, '!'), nil }, "bad": func([]byte) ([]byte, error) { return nil, v.Errorf(v.Limit, "too much") }},
		May:       func(_, ability, _ string) bool { return ability == "view" },
		Files:     fstest.MapFS{"a.txt": {Data: []byte("file")}},
		User:      &v.User{ID: "ann", Orgs: []string{"acme"}},
	}
	page := vitrinetest.Mount(t, lines(func(c *v.Context, say func(string, ...any)) {
		c.Fetch(&v.Request{Method: "POST", URL: "https://x/", Body: []byte("b"), Header: []v.Header{{Name: "A", Secret: "token"}}}, func(r *v.Response, err error) { say("fetch %s %s %v", r.Body, r.Field("x-a"), err) })
		c.API(&v.Request{URL: "/orders"}, func(_ *v.Response, err error) { say("api %v", errors.Is(err, v.Unavailable)) })
		c.Data(&v.Query{Model: "Order", Ability: "view", Key: "id", Instance: "7"}, func(value any, err error) { say("data %v %v", value, err) })
		c.Job("sum", []byte("1"), nil, func(b []byte, err error) { say("job %s %v", b, err) })
		c.Job("bad", nil, nil, func(_ []byte, err error) { say("bad %v %v", err, errors.Is(err, v.Limit)) })
		c.Job("none", nil, nil, func(_ []byte, err error) { say("none %v", err) })
		c.Fetch(&v.Request{URL: "https://x/", Header: []v.Header{{}}}, func(*v.Response, error) { t.Error("a stopped ticket was answered") }).Stop()
		topic := v.Topic{Channel: "order.updated", Key: "id", Instance: "7"}
		c.Subscribe(topic, func(m v.Message) { say("heard %s", m.Data) }, nil)
		kv := c.Shared()
		_, none := kv.Get("a")
		err := errors.Join(kv.Put("a", []byte("1")), kv.Swap("a", []byte("1"), []byte("2")), kv.Swap("b", nil, nil), kv.Delete("b"))
		conflict := kv.Swap("a", []byte("1"), nil)
		got, _ := kv.Get("a")
		keys, _ := kv.Keys("", "", 10)
		say("kv %v %v %v %s %v", none, err, conflict, got, keys)
		may, _ := c.May("Order", "view", "")
		mayNot, _ := c.May("Order", "delete", "7")
		file, _ := c.Asset("a.txt")
		user, _ := c.User()
		say("%v %v %s %v %v", may, mayNot, file, user, c.Count("n", 2))
		c.Span("s")(true)
	}), &vitrinetest.Options{World: world})
	page.Publish(v.Topic{Channel: "order.updated", Key: "id", Instance: "8"}, v.Message{Data: "another"})
	page.Publish(v.Topic{Channel: "order.updated", Key: "id", Instance: "7"}, v.Message{Data: "it changed"})
	page.Run()
	for _, want := range []string{
		"fetch POSThttps://x/btoken b <nil>", "api true", "data map[name:Order7] <nil>", "job 1! <nil>", "bad too much true", "none vitrine: not found", "heard it changed",
		"kv vitrine: not found <nil> vitrine: conflict 2 [a]", "true false file {ann [acme]} <nil>",
	} {
		page.Find("text", want)
	}
}

func TestWithoutAWorld(t *testing.T) {
	page := vitrinetest.Mount(t, lines(func(c *v.Context, say func(string, ...any)) {
		c.Fetch(&v.Request{URL: "https://x/"}, func(_ *v.Response, err error) { say("fetch %v", err) })
		_, err := c.User()
		say("user %v", err)
		_, err = v.Fetch(&v.Request{URL: "https://x/"})
		say("wait %v", err)
	}), &vitrinetest.Options{Denied: []abi.Capability{abi.CapUser}})
	page.Run()
	page.Find("text", "fetch vitrine: unsupported")
	page.Find("text", "user vitrine: denied")
	page.Find("text", "wait vitrine: unsupported")
}
