package app_test

import (
	"path/filepath"
	"testing"
)

const ownBands = `version: v1
bands: {high: 75, medium: 55, low: 30}
cells:
  High: {High: A1, Medium: A2, Low: B1, Very Low: B2}
  Medium: {High: A3, Medium: A4, Low: B3, Very Low: B4}
  Low: {High: C1, Medium: C2, Low: D1, Very Low: D2}
  Very Low: {High: C3, Medium: C4, Low: D3, Very Low: D4}
clusters: {A: Act Now, B: Evaluate, C: Nurture, D: Educate}
products:
`

func TestAMatrixThatCannotBeUsedIsRefusedBeforeAnythingIsScored(t *testing.T) {
	_, store := newHub(t)
	ask(t, "", "telltale", append([]string{"import", "accounts", file(t, "accounts.csv", "account_id,name,domain\nA,Alpha,a.example\n")}, store...)...).fine(t)
	ask(t, "", "telltale", append([]string{"import", "fit", file(t, "fit.csv", "account_id,product,score\nA,Azure,80\n")}, store...)...).fine(t)
	run := func(path string) answer {
		return ask(t, "", "intent-scorer", append([]string{"run", "--month", "2026-05", "--matrix", path}, store...)...)
	}
	overlap := file(t, "overlap.yaml", ownBands+"  Azure: {bands: {high: 60, medium: 70, low: 30}}\n")
	run(overlap).refused(t, "intent-scorer", 2, overlap, "product Azure", "bands overlap or leave holes", "medium from 70")
	hole := file(t, "hole.yaml", ownBands+"  Azure: {bands: {high: 60, medium: 50}}\n")
	run(hole).refused(t, "intent-scorer", 2, hole, "product Azure", "bands overlap or leave holes")
	unknown := file(t, "unknown.yaml", ownBands+"  Teleportation: {bands: {high: 60, medium: 50, low: 30}}\n")
	run(unknown).refused(t, "intent-scorer", 2, `"Teleportation"`)
	missing := filepath.Join(t.TempDir(), "none.yaml")
	run(missing).refused(t, "intent-scorer", 2, missing, "no such file")
	if n := ask(t, "", "telltale", append([]string{"query", "--format", "TSV", "SELECT count() FROM scoring_runs"}, store...)...).fine(t).out; n != "0\n" {
		t.Errorf("%s runs were made", n)
	}
	run(file(t, "good.yaml", ownBands+"  Azure: {bands: {high: 90, medium: 50, low: 30}}\n")).fine(t)
	const rated = "SELECT fit_rating FROM propensity WHERE product = 'Azure'"
	if got := ask(t, "", "telltale", append([]string{"query", "--format", "TSV", rated}, store...)...).fine(t).out; got != "Medium\n" {
		t.Errorf("a fit of 80 is %s", got)
	}
	accounts := file(t, "again.csv", "account_id,name,domain\nA,Alpha,a.example\n")
	ask(t, "", "telltale", "run", "--month", "2026-05", "--contact", "https://us.example/bot", "--accounts", accounts, "--matrix", overlap, "--data-dir", t.TempDir(), "--out", t.TempDir()).
		refused(t, "telltale", 2, overlap, "bands overlap or leave holes")
}
