package weatherapi_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/examples/weatherapi"
)

func get(path string) (int, string) {
	rec := httptest.NewRecorder()
	h := weatherapi.Handler(func() time.Time { return time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) })
	h.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
	return rec.Code, strings.TrimSpace(rec.Body.String())
}

func TestAnswers(t *testing.T) {
	for path, status := range map[string]int{
		"/v1/forecast?city=atlantis": 404, "/v1/history?city=bergen&year=x": 400, "/v1/history?city=bergen&year=1800": 400, "/v1/history?city=bergen&year=1999": 200, "/": 404,
	} {
		if got, body := get(path); got != status {
			t.Errorf("%s: %d %s", path, got, body)
		}
	}
	if _, body := get("/v1/forecast?city=bergen"); !strings.HasPrefix(body, `{"city":"bergen","days":[{"day":"Mon","low":`) || strings.Count(body, `"day"`) != 7 {
		t.Errorf("the forecast is %s", body)
	}
}

func ExampleHandler() {
	_, body := get("/v1/cities")
	fmt.Println(body[:48])
	// Output: [{"id":"bergen","name":"Bergen"},{"id":"lisbon",
}
