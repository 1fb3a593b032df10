package backtest

import (
	"cmp"
	"slices"

	"telltale/internal/fit/judge"
)

// All is the name of the line that sums up every judged case.
const All = "All judged"

// Unknown is the cluster of cases that were not judged.
const Unknown = "Unknown"

// Rate is what the cases of one cluster or cell came to.
type Rate struct {
	Name string `json:"name"`
	// Cluster of a cell; the name itself for a cluster.
	Cluster string `json:"cluster"`
	// Cases are accounts with a product as of a month end, Winners those of them that won anything within the horizon.
	Cases   int `json:"cases"`
	Winners int `json:"winners"`
	// Conversion is winners over cases, Lift that over the conversion of all judged cases; the intervals are Wilson's.
	Conversion         float64        `json:"conversion"`
	ConversionInterval judge.Interval `json:"conversion_interval"`
	Lift               float64        `json:"lift"`
	LiftInterval       judge.Interval `json:"lift_interval"`
	// Closed opportunities, the won ones among them, and their share, the win rate.
	Closed  int            `json:"closed"`
	Won     int            `json:"won"`
	WinRate float64        `json:"win_rate"`
	Win     judge.Interval `json:"win_interval"`
	// Acted opportunities were acted on by a seller, Ignored were not; of the rest it is not known.
	Acted      int `json:"acted_on"`
	ActedWon   int `json:"acted_on_won"`
	Ignored    int `json:"not_acted_on"`
	IgnoredWon int `json:"not_acted_on_won"`
}

func (r *Rate) add(c *Case) {
	r.Cases, r.Winners = r.Cases+1, r.Winners+int(c.won())
	r.Closed, r.Won = r.Closed+c.Won+c.Lost, r.Won+c.Won
	r.Acted, r.ActedWon, r.Ignored, r.IgnoredWon = r.Acted+c.Acted, r.ActedWon+c.ActedWon, r.Ignored+c.Ignored, r.IgnoredWon+c.IgnoredWon
}

// settle fills in the shares; base is the conversion of all judged cases.
func (r *Rate) settle(base float64) {
	r.Conversion, r.ConversionInterval = share(r.Winners, r.Cases), judge.Wilson(r.Winners, r.Cases)
	r.WinRate, r.Win = share(r.Won, r.Closed), judge.Wilson(r.Won, r.Closed)
	if base > 0 {
		r.Lift, r.LiftInterval = r.Conversion/base, judge.Interval{Low: r.ConversionInterval.Low / base, High: r.ConversionInterval.High / base}
	}
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// rates sum up cases by cluster and by cell, in the order of their cells; Unknown and All stand after the clusters.
func rates(cases []Case, at func(*Case) bool) (clusters, cells []Rate) {
	byCluster, byCell := map[string]*Rate{}, map[string]*Rate{}
	all, unknown := Rate{Name: All}, Rate{Name: Unknown, Cluster: Unknown}
	first := map[string]string{}
	for i := range cases {
		c := &cases[i]
		switch {
		case !at(c):
			continue
		case !c.judged():
			unknown.add(c)
			continue
		}
		all.add(c)
		row(byCluster, c.Cluster, c.Cluster).add(c)
		row(byCell, c.Cell, c.Cluster).add(c)
		if f, known := first[c.Cluster]; !known || c.Cell < f {
			first[c.Cluster] = c.Cell
		}
	}
	base := share(all.Winners, all.Cases)
	clusters, cells = values(byCluster), values(byCell)
	slices.SortFunc(clusters, func(a, b Rate) int { return cmp.Compare(first[a.Name], first[b.Name]) })
	slices.SortFunc(cells, func(a, b Rate) int { return cmp.Compare(a.Name, b.Name) })
	clusters = append(clusters, unknown, all)
	for i := range clusters {
		clusters[i].settle(base)
	}
	for i := range cells {
		cells[i].settle(base)
	}
	return clusters, cells
}

func row(in map[string]*Rate, name, cluster string) *Rate {
	r, ok := in[name]
	if !ok {
		r = &Rate{Name: name, Cluster: cluster}
		in[name] = r
	}
	return r
}

func values(in map[string]*Rate) []Rate {
	out := make([]Rate, 0, len(in))
	for _, r := range in {
		out = append(out, *r)
	}
	return out
}
