package speed

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// BenchmarkFetchPath compares our whole fetch path with what it could be made of (see sides). Pages of 50 KB with a
// hundred links come from a server on the other core; what is measured, the embedded queue with it, has one core.
// Ratios are pages a second of ours divided by the rival's, the median of the rounds, each a turn of every side.
func BenchmarkFetchPath(b *testing.B) {
	for name, relaxed := range map[string]bool{"sync-always": false, "sync-two-minutes": true} {
		b.Run(name, func(b *testing.B) {
			var all []turn
			for b.Loop() {
				all = append(all, fetchTurns(b, relaxed)...)
			}
			reportTurns(b, all)
		})
	}
}

func fetchTurns(b *testing.B, relaxed bool) []turn {
	b.Helper()
	const hosts, perHost, size = 16, 40, 50_000
	web := start(b, serverCore, "web", webAsk{Hosts: hosts, Addresses: hosts, Pages: perHost, Bytes: size})
	var up webUp
	if !web.next(b, &up) {
		b.Fatal("no web")
	}
	measured := start(b, measuredCore, "fetch", fetchAsk{
		Web: up, Hosts: hosts, Addresses: hosts, Pages: perHost, Rounds: 5, Visits: 16, Relaxed: relaxed, Dir: b.TempDir(), Sides: chosen(),
		Profile: os.Getenv("TELLTALE_SPEED_PROFILE"), ProfileSide: cmp.Or(os.Getenv("TELLTALE_SPEED_SIDE"), "fetch"),
	})
	var turns []turn
	for {
		var t turn
		if !measured.next(b, &t) {
			break
		}
		if t.Pages != hosts*perHost || t.Bytes < int64(t.Pages)*(size-2000) {
			b.Errorf("%s: %d pages of %d bytes", t.Side, t.Pages, t.Bytes)
		}
		turns = append(turns, t)
	}
	measured.stop(b)
	web.stop(b)
	return turns
}

// reportTurns prints a table and reports the ratios.
func reportTurns(b *testing.B, all []turn) {
	b.Helper()
	wall, cpu, allocs := map[string][]float64{}, map[string][]float64{}, map[string][]float64{}
	for i := range all {
		t := &all[i]
		n := float64(t.Pages)
		wall[t.Side] = append(wall[t.Side], float64(t.Wall)/n)
		cpu[t.Side] = append(cpu[t.Side], float64(t.CPU)/n)
		allocs[t.Side] = append(allocs[t.Side], float64(t.Allocs)/n)
	}
	w := table.NewWriter()
	w.SetStyle(table.StyleLight)
	w.AppendHeader(table.Row{"side", "wall a page", "processor a page", "allocations a page", "fetch: ratio", "by processor", "visit: ratio", "by processor"})
	for _, name := range chosen() {
		row := table.Row{name, micros(median(wall[name])), micros(median(cpu[name])), fmt.Sprintf("%.0f", median(allocs[name]))}
		for _, own := range []string{"fetch", "visit"} {
			byWall, byCPU := median(ratios(wall[name], wall[own])), median(ratios(cpu[name], cpu[own]))
			row = append(row, fmt.Sprintf("%.2f", byWall), fmt.Sprintf("%.2f", byCPU))
			if name != own && name != "fetch" {
				b.ReportMetric(byWall, own+"/"+name+"-ratio")
				b.ReportMetric(byCPU, own+"/"+name+"-cpu-ratio")
			}
		}
		b.ReportMetric(median(allocs[name]), name+"-allocs/page")
		w.AppendRow(row)
	}
	b.ReportMetric(1e9/median(wall["fetch"]), "pages/s")
	b.ReportMetric(0, "ns/op")
	fmt.Fprintln(os.Stderr, w.Render()) // b.Log cuts long output
}

// chosen are the sides that TELLTALE_SPEED_SIDES names, with commas between them, or all.
func chosen() []string {
	if list := os.Getenv("TELLTALE_SPEED_SIDES"); list != "" {
		return strings.Split(list, ",")
	}
	return sides
}

func micros(ns float64) string { return time.Duration(ns).Round(time.Microsecond).String() }

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// ratios divides turn by turn.
func ratios(rival, own []float64) []float64 {
	out := make([]float64, min(len(rival), len(own)))
	for i := range out {
		out[i] = rival[i] / own[i]
	}
	return out
}
