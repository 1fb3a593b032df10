// Package app builds the roles of Telltale (crawler, signal worker, scheduler, result writer, scorer),
// joins them to the engines, and runs them: each in a program of its own, or all in one process.
package app

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Common are the flags every program takes. Every flag is also an environment variable
// (TELLTALE_DATA_DIR for --data-dir) and a key of the YAML file given with --config, but --help and --version.
type Common struct {
	Config        string        `help:"YAML file whose keys are flag names; flags and variables win over it." type:"path" placeholder:"FILE"`
	Check         bool          `help:"Check flags and configuration, say ok, and exit."`
	DataDir       string        `help:"Directory of the embedded queue and store; one process at a time." default:"data" type:"path"`
	NATSURL       string        `name:"nats-url" help:"NATS server, nats://HOST:PORT; none means the embedded one." placeholder:"URL"`
	NATSToken     string        `name:"nats-token" help:"Token for the NATS server, or asked of those who connect to the embedded one." placeholder:"TOKEN"`
	ClickHouseURL string        `name:"clickhouse-url" help:"ClickHouse, clickhouse:// or http(s)://HOST:PORT; none means the embedded engine." placeholder:"URL"`
	Database      string        `help:"Database in the store." default:"telltale"`
	CHDBLibrary   string        `name:"chdb-library" help:"libchdb.so of the embedded engine; none means where make chdb puts it, then the system's library directories." placeholder:"FILE"`
	StoreMemory   string        `help:"Memory the embedded engine's queries may use together, in MiB." default:"1024"`
	LogFormat     string        `help:"auto (text on a terminal, else JSON), text or json." default:"auto" enum:"auto,text,json"`
	LogLevel      string        `help:"debug, info, warn or error; at info, a command that ends by itself logs warnings only, as it has output of its own." default:"info" enum:"debug,info,warn,error"`
	OpsListen     string        `help:"HOST:PORT for /metrics, /healthz, /readyz and pprof; none means off. Loopback only unless --ops-public." placeholder:"HOST:PORT"`
	OpsPublic     bool          `help:"Let --ops-listen be other than loopback."`
	DrainTimeout  time.Duration `help:"How long a stopping program may finish what it holds." default:"20s"`
	AckWait       time.Duration `help:"How long the queue waits for a sign of life of work in hand before it hands it to another; the same for the whole fleet." default:"1m"`
	AsIf          time.Time     `help:"Run as if it were this time (RFC 3339) at the start: for the sample web and for replays." placeholder:"TIME" format:"2006-01-02T15:04:05Z07:00"`
	// DrillClockStep moves this process's wall clock while it runs, as a bad time server does: for drills.
	DrillClockStep clockStep `hidden:"" help:"Step this process's wall clock by so much after so long, such as +90s@10s: for drills." placeholder:"STEP@AFTER"`
}

// Listeners open the embedded engines to other processes.
type Listeners struct {
	NATSListen    string `name:"nats-listen" help:"HOST:PORT on which the embedded NATS server serves others; none means this process only." placeholder:"HOST:PORT"`
	StoreListen   string `help:"HOST:PORT on which the embedded store serves ClickHouse's HTTP protocol; none means this process only." placeholder:"HOST:PORT"`
	StoreToken    string `help:"Token asked of those who connect to --store-listen; made and printed at start when empty." placeholder:"TOKEN"`
	StoreWritable bool   `help:"Let those who connect to --store-listen write."`
}

// Network are the flags of the network that is crawled; all but Contact serve test networks (DESIGN §4).
type Network struct {
	Contact               string `help:"Page or address for site owners, put into the User-Agent; required before a real crawl." placeholder:"URL|MAIL"`
	Resolver              string `help:"DNS server to ask, HOST:PORT; none means the system's." placeholder:"HOST:PORT"`
	HTTPPort              int    `name:"http-port" help:"Dial this port instead of 80, keeping the resolved address." default:"80"`
	HTTPSPort             int    `name:"https-port" help:"Dial this port instead of 443, keeping the resolved address." default:"443"`
	CAFile                string `name:"ca-file" help:"PEM file of further certificate authorities to trust." type:"path" placeholder:"FILE"`
	AllowPrivateAddresses bool   `help:"Dial non-public addresses too; off, the crawler refuses them."`
	Ports                 []int  `help:"Ports that may be asked besides 80 and 443; none by default." placeholder:"PORT"`
	AddressRanges         string `help:"CSV file (name,prefix,concurrency) of networks whose addresses take several requests at a time; it goes before the built-in list." type:"path" placeholder:"FILE"`
}

// Crawl are the flags of a crawler.
type Crawl struct {
	Crawler      string        `help:"Name of this crawler in visits; none means host and process id." placeholder:"NAME"`
	Visits       int           `help:"Visits under way at once in this process." default:"256"`
	Delay        time.Duration `help:"Least time between two requests to one host or address." default:"1s"`
	MaxDelay     time.Duration `help:"Longest crawl-delay of robots.txt that is kept within a visit; a longer one means fewer pages a visit, not a faster crawl." default:"30s"`
	VisitPages   int           `help:"Pages a visit may fetch." default:"40"`
	VisitBytes   int64         `help:"Decoded bytes a visit may read." default:"33554432"`
	VisitTime    time.Duration `help:"Time a visit may take." default:"10m"`
	FetchTimeout time.Duration `help:"Whole time of one request." default:"30s"`
	Warc
}

// Warc are the flags of the archive of what was fetched.
type Warc struct {
	Dir   string        `name:"warc" help:"Directory for WARC files of all that is fetched, to be replayed later; none means off." type:"path" placeholder:"DIR"`
	Size  int64         `name:"warc-size" help:"Size at which a WARC file is completed and the next begun, in MiB." default:"1024"`
	Total int64         `name:"warc-total" help:"Size of all WARC files together, in MiB: the oldest are deleted; at least twice --warc-size." default:"20480"`
	Keep  time.Duration `name:"warc-keep" help:"How long a completed WARC file is kept." default:"720h"`
}

// Extraction are the flags of a signal worker.
type Extraction struct {
	Workers    int           `help:"Batches of pages read side by side; 0 means one a core." default:"0"`
	BatchPages int           `help:"Pages of one batch, stored in one go: larger ones cost fewer inserts." default:"256"`
	BatchWait  time.Duration `help:"Longest wait for a batch to fill." default:"1s"`
	// PageDeadline 0 is the extractor's own default.
	PageDeadline time.Duration `help:"Longest time one page may take; one that takes longer goes to the dead letters." default:"10s"`
	Taxonomy     string        `help:"Directory of taxonomy files that add to the built-in ones." type:"path" placeholder:"DIR"`
	SecondOpinions
	TechnologyFiles

	// log is told what the rule files hold; nil means nobody is.
	log *slog.Logger
}

// TechnologyFiles are the flags of rules beside the built-in ones.
type TechnologyFiles struct {
	Technologies []string `help:"File or directory of technology rules in Wappalyzer's format, beside the built-in ones: a technology in several keeps the patterns of all. Repeatable, or several with commas." type:"path" placeholder:"PATH"`
}

// ErrInput marks an error of what was given (flags, files, addresses): exit code 2, where a failure while running is 1.
var ErrInput = errors.New("bad input")

// inputError carries ErrInput without changing the words of the error it wraps.
type inputError struct{ err error }

func (e *inputError) Error() string   { return e.err.Error() }
func (e *inputError) Unwrap() []error { return []error{e.err, ErrInput} }

// asInput marks err as an error of what was given; nil stays nil.
func asInput(err error) error {
	if err == nil {
		return nil
	}
	return &inputError{err}
}

// inputf makes an error of what was given.
func inputf(format string, args ...any) error { return asInput(fmt.Errorf(format, args...)) }

// checkCrawl refuses to crawl the real network without a contact for site owners.
func (n *Network) checkCrawl(log *slog.Logger) error {
	if n.Contact == "" {
		if !n.AllowPrivateAddresses {
			return inputf("--contact is required before a real crawl: a page or mail address where site owners reach you")
		}
		n.Contact = "https://localhost/telltale-test-network"
		log.Debug("no --contact: allowed on a private test network only")
	}
	ports := []limit{number("http-port", n.HTTPPort, 1, 65535), number("https-port", n.HTTPSPort, 1, 65535)}
	for _, port := range n.Ports {
		ports = append(ports, number("ports", port, 1, 65535))
	}
	return within(ports...)
}
