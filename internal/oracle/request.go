package oracle

import (
	"net/netip"
	"time"
)

// Request is one request as the server saw it. Times are since the web's start, by the server's monotonic clock.
type Request struct {
	// Crawler is the process that asked, by the contact in its User-Agent: "c2.1" is the second start of c2.
	Crawler string `json:"crawler"`
	Host    string `json:"host"`
	// Addr is the local address of the connection: where the crawler resolved the host to.
	Addr netip.Addr `json:"addr"`
	Path string     `json:"path"`
	// Start is when the first byte was read, End just before the last byte was written, or when the client was found gone.
	Start time.Duration `json:"start"`
	End   time.Duration `json:"end"`
	// Status is 0 where no answer was written.
	Status int `json:"status"`
	// Until is when the host may be asked again after a 429 or 503 that said so; 0 where it said nothing.
	Until time.Duration `json:"until,omitempty"`
	// Cut marks a request whose client went away before the answer; End is then the server's best guess.
	Cut bool `json:"cut,omitempty"`
	// Stall is by how much the server's own timers were late around the end of such a request.
	Stall time.Duration `json:"stall,omitempty"`
}

// Kind is a kind of fault.
type Kind string

// The faults.
const (
	// Kill is kill -9 of a crawler, which starts again under the same name at once.
	Kill Kind = "kill -9"
	// Freeze is SIGSTOP past the lease's time to live, then SIGCONT.
	Freeze Kind = "freeze"
	// Partition cuts a crawler off the broker for longer than a lease lives; no connection breaks.
	Partition Kind = "partition"
	// Broker is kill -9 of the broker, which starts again on the same directory.
	Broker Kind = "broker restart"
	// Clock steps the wall clock of one crawler.
	Clock Kind = "clock step"
	// Scale starts further crawlers in mid-run.
	Scale Kind = "scale-up"
)

// Fault is one fault that was injected.
type Fault struct {
	Kind Kind `json:"kind"`
	// Victim is the crawler's process, "c2.1", or "broker".
	Victim string `json:"victim"`
	// At is when it began, Until when it was over, since the web's start.
	At    time.Duration `json:"at"`
	Until time.Duration `json:"until"`
	// Leases is how many leases the victim held, InFlight how many of its requests were under way, at that moment.
	Leases   int `json:"leases"`
	InFlight int `json:"in_flight"`
	// Note says more, as the size of a step.
	Note string `json:"note,omitempty"`
}

// Effective reports a fault that hit a lease with a request under way.
func (f *Fault) Effective() bool { return f.Leases > 0 && f.InFlight > 0 }
