package host

import (
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
)

// reports counts what browsers refused to do under the ContentSecurityPolicy. A page without faults
// causes none; the first few are logged.
type reports struct {
	logger *slog.Logger
	count  *atomic.Uint64
}

const (
	maxReport     = 16 << 10 // bytes that are read of a report
	maxReportLine = 2 << 10  // bytes of it that are logged
	maxReports    = 100      // reports that are logged
)

func newReports(logger *slog.Logger) reports { return reports{logger, new(atomic.Uint64)} }

// take answers POST /vitrine/csp-report. Browsers send reports without an Origin, so anybody can:
// nothing depends on them.
func (c reports) take(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(io.LimitReader(r.Body, maxReport))
	if err == nil && len(b) > 0 {
		if n := c.count.Add(1); n <= maxReports {
			c.logger.Warn("host: content security policy report", "report", strconv.QuoteToASCII(string(b[:min(len(b), maxReportLine)])))
		}
	}
	plain(w.Header())
	w.WriteHeader(http.StatusNoContent)
}

// tell answers GET /vitrine/csp-report.
func (c reports) tell(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]uint64{"reports": c.count.Load()})
}
