package oracle_test

import (
	"flag"
	"time"
)

// Flags of `make soak`, and of a run that is to be repeated.
var (
	soak     = flag.Duration("soak", 0, "crawl for this long, under random faults, instead of the short run")
	seed     = flag.Uint64("seed", 0, "seed of the web and the faults; 0 draws one for a soak, and is 1 otherwise")
	names    = flag.Int("names", 5000, "domains of a soak")
	crawlers = flag.Int("crawlers", 3, "crawlers of a soak at its start")
	most     = flag.Int("most", 10, "crawlers of a soak after its scale-up")
	calm     = flag.Bool("calm", false, "no faults in a soak")
	keep     = flag.String("keep", "", "directory that keeps the logs of a run; none means a temporary one")
)

// theSeed is the seed to use.
func theSeed() uint64 {
	switch {
	case *seed != 0:
		return *seed
	case *soak == 0:
		return 1
	}
	return uint64(time.Now().UnixNano()) % 1e9
}
