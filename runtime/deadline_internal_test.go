package runtime

import (
	"context"
	"math"
	"testing"
	"time"
)

// Deadlines of any length and of any clock are what they were, and the earlier one holds.
func TestDeadlines(t *testing.T) {
	for _, tt := range []struct {
		name   string
		wall   time.Duration
		theirs time.Time
		want   time.Duration // from now, about
		first  bool          // theirs
	}{
		{"wall time", time.Second, time.Time{}, time.Second, false},
		{"without end", math.MaxInt64, time.Time{}, math.MaxInt64, false},
		{"theirs is later", time.Second, time.Now().Add(time.Hour), time.Second, false},
		{"theirs is earlier", time.Hour, time.Now().Add(time.Minute), time.Minute, true},
		{"of the calendar", time.Hour, time.Now().Round(0).Add(time.Minute), time.Minute, true},
		{"at the end of all calendars", math.MaxInt64, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), math.MaxInt64, false},
		{"of the calendar, later", time.Hour, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), time.Hour, false},
		{"long ago", time.Hour, time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), math.MinInt64, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := context.Background()
			if !tt.theirs.IsZero() {
				var cancel func()
				ctx, cancel = context.WithDeadline(ctx, tt.theirs)
				defer cancel()
			}
			var c callContext
			now := monotonic()
			c.begin(ctx, later(now, tt.wall))
			if c.theirs != tt.first {
				t.Errorf("theirs: %v", c.theirs)
			}
			if got := c.deadline - now; (got-tt.want).Abs() > time.Minute/2 && tt.want.Abs() < time.Hour*2 ||
				tt.want.Abs() > time.Hour*2 && (got < 0) != (tt.want < 0) {
				t.Errorf("in %v, want %v", got, tt.want)
			}
		})
	}
}
