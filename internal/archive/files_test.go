package archive

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// random is a body that does not compress.
func random(n int) string {
	b := make([]byte, n)
	seed := uint64(n)
	for i := range b {
		seed = seed*6364136223846793005 + 1442695040888963407
		b[i] = byte(seed >> 56)
	}
	return string(b)
}

// written waits until n exchanges and pages have been written or lost.
func (l *lab) written(n float64) {
	l.t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for l.metric("records_total", typeResponse)+l.metric("lost_total", "") < n {
		select {
		case <-tick.C:
		case <-deadline:
			l.t.Fatalf("%v answers written, %v lost; want %v", l.metric("records_total", typeResponse), l.metric("lost_total", ""), n)
		}
	}
}

// startAndSettle starts a recorder that deletes nothing for its age, and waits until it has dealt with what it found.
func (l *lab) startAndSettle() {
	l.t.Helper()
	l.cfg.MaxAge = 1000000 * time.Hour
	l.start(nil)
	l.recorder.Record(l.t.Context(), answer("http://settle.example/", "x"))
	l.written(1)
}

func TestFilesRotateBySizeAndStayWithinTheWhole(t *testing.T) {
	l := newLab(t, Config{MaxFile: 10 << 10, MaxTotal: 40 << 10})
	l.start(nil)
	for i := range 24 {
		l.recorder.Record(t.Context(), answer("http://a.example/", random(4<<10+i)))
	}
	l.end()
	total := int64(0)
	for _, path := range l.paths() {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if total += info.Size(); info.Size() > 10<<10+6<<10 {
			t.Errorf("%s has %d bytes", path, info.Size())
		}
		if list, damage, _ := records(t, readFile(t, path)); len(damage) > 0 || list[0].Type() != typeInfo {
			t.Errorf("%s: %s, %v", path, kinds(list), damage)
		}
	}
	if files := l.metric("files_total", ""); files != 12 || total > 40<<10 {
		t.Errorf("%v files begun, %d bytes left", files, total)
	}
	if n, left := l.metric("deleted_files_total", deletedSize), len(l.paths()); int(n)+left != 12 || n == 0 {
		t.Errorf("%v files deleted, %d left", n, left)
	}
	if n := l.metric("bytes_total", ""); n < 24*4<<10 {
		t.Errorf("%v bytes counted", n)
	}
}

func TestFilesAreCompletedAndDeletedByAge(t *testing.T) {
	l := newLab(t, Config{MaxAge: 48 * time.Hour, MaxOpen: 24 * time.Hour})
	l.start(nil)
	for i := range 3 {
		l.recorder.Record(t.Context(), answer("http://a.example/", "x"))
		l.written(float64(i + 1))
		for _, path := range l.paths() { // by the clock of this test
			if info, err := os.Stat(path); err != nil || time.Since(info.ModTime()) < time.Minute {
				if err := os.Chtimes(path, l.clock(), l.clock()); err != nil {
					t.Fatal(err)
				}
			}
		}
		l.later(25 * time.Hour)
	}
	paths := l.paths()
	l.end()
	if len(paths) != 2 || !strings.HasSuffix(paths[0], suffix) || !strings.HasSuffix(paths[1], suffix+unfinished) {
		t.Errorf("after three days there are %v; want yesterday's file and today's", paths)
	}
	if n := l.metric("deleted_files_total", deletedAge); n != 1 {
		t.Errorf("%v files deleted", n)
	}
}

func TestAFileThatADeadWriterLeftIsCompletedAtItsLastWholeRecord(t *testing.T) {
	whole := members(plain("response", "http://a.example/1", "application/http", "HTTP/1.1 200 OK\r\n\r\none"), plain("response", "http://a.example/2", "application/http", "HTTP/1.1 200 OK\r\n\r\ntwo"))
	for name, c := range map[string]struct {
		left []byte
		want string
	}{
		"cut within a record":                   {append(whole[:len(whole):len(whole)], whole[:60]...), "response http://a.example/1, response http://a.example/2"},
		"cut within the checksum of its record": {whole[:len(whole)-3], "response http://a.example/1"},
		"whole":                                 {whole, "response http://a.example/1, response http://a.example/2"},
		"without a record":                      {whole[:30], ""},
		"empty":                                 {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, Config{})
			path := filepath.Join(l.cfg.Dir, "telltale-20260101000000.000000-00001-x.warc.gz")
			if err := errors.Join(os.MkdirAll(l.cfg.Dir, 0o750), os.WriteFile(path+unfinished, c.left, 0o600)); err != nil {
				t.Fatal(err)
			}
			l.startAndSettle()
			l.end()
			if c.want == "" {
				if left := l.paths(); len(left) != 1 || left[0] == path {
					t.Errorf("left: %v", left)
				}
				return
			}
			list, damage, r := records(t, readFile(t, path))
			if got := kinds(list); got != c.want || len(damage) != 0 || r.Torn() {
				t.Errorf("%s, %v, torn %v; want %s", got, damage, r.Torn(), c.want)
			}
		})
	}
}

func TestAFileThatALivingProcessWritesIsLeftAlone(t *testing.T) {
	l := newLab(t, Config{})
	path := filepath.Join(l.cfg.Dir, "telltale-20260101000000.000000-00001-x.warc.gz.open")
	if err := os.MkdirAll(l.cfg.Dir, 0o750); err != nil {
		t.Fatal(err)
	}
	f, err := createFile(path)
	if err != nil {
		t.Fatal(err)
	}
	l.startAndSettle()
	l.end()
	if got := l.paths(); len(got) != 2 || got[0] != path {
		t.Errorf("files %v", got)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// diskFile is a file on a disk that is full while full says so: then writes go to /dev/full.
type diskFile struct {
	file
	full *bool
}

func (d diskFile) Write(p []byte) (int, error) {
	if !*d.full {
		return d.file.Write(p)
	}
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Write(p)
}

func TestAFullDiskLosesRecordsAndNothingElse(t *testing.T) {
	l := newLab(t, Config{})
	full := false
	l.start(func(r *Recorder) {
		r.files.create = func(path string) (file, error) {
			f, err := createFile(path)
			return diskFile{f, &full}, err
		}
	})
	put := func(n float64) {
		l.recorder.Record(t.Context(), answer("http://a.example/", "x"))
		l.written(n)
	}
	put(1)
	full = true
	put(2)
	put(3)
	full = false
	put(4) // the disk is left alone for a while
	l.later(time.Minute)
	put(5)
	l.end()
	if lost, kept, failed := l.metric("lost_total", lostDisk), l.metric("records_total", typeResponse), l.metric("errors_total", ""); lost != 3 || kept != 2 || failed != 1 {
		t.Errorf("%v lost, %v kept, %v errors", lost, kept, failed)
	}
	if paths := l.paths(); len(paths) != 2 {
		t.Errorf("files %v", paths)
	}
	_, found, a := replayed(t, l.paths()...)
	if len(found) != 2 || a.Tally().Damaged+a.Tally().Torn != 0 {
		t.Errorf("read back %d answers, %+v", len(found), a.Tally())
	}
}

func TestADirectoryThatCannotBeMadeDoesNotStopACrawl(t *testing.T) {
	l := newLab(t, Config{Dir: filepath.Join(t.TempDir(), "file", "warc")})
	if err := os.WriteFile(filepath.Dir(l.cfg.Dir), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l.start(nil)
	l.recorder.Record(t.Context(), answer("http://a.example/", "x"))
	l.written(1)
	l.end()
	if n := l.metric("lost_total", lostDisk); n != 1 {
		t.Errorf("%v lost", n)
	}
}

// killed is the variable that makes this test's binary the writer that is killed.
const killed = "ARCHIVE_TEST_KILLED_DIR"

// TestAKilledWriterLeavesAReadableFile kills a writing process as kill -9 does and reads what it left.
func TestAKilledWriterLeavesAReadableFile(t *testing.T) {
	if dir := os.Getenv(killed); dir != "" {
		l := newLab(t, Config{Dir: dir})
		l.start(nil)
		for i := range 1 << 20 {
			l.recorder.Record(t.Context(), answer("http://a.example/", random(3000+i%1000)))
		}
		return
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAKilledWriterLeavesAReadableFile$")
	cmd.Env = append(os.Environ(), killed+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	l := &lab{t: t, cfg: Config{Dir: dir}, now: noon.Add(time.Hour)}
	deadline := time.After(time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for size := int64(0); size < 1<<20; {
		select {
		case <-tick.C:
			for _, path := range l.paths() {
				if info, err := os.Stat(path); err == nil {
					size = info.Size()
				}
			}
		case <-deadline:
			t.Fatal("the writer wrote no MiB within a minute")
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	left := l.paths()
	if len(left) != 1 || !strings.HasSuffix(left[0], unfinished) {
		t.Fatalf("left: %v", left)
	}
	list, damage, _ := records(t, readFile(t, left[0]))
	if len(list) < 100 || len(damage) != 0 {
		t.Errorf("%d records, %v", len(list), damage)
	}
	l.startAndSettle()
	l.end()
	if after := l.paths(); len(after) != 2 || after[0]+unfinished != left[0] {
		t.Errorf("completed: %v", after)
	}
	if again, _, r := records(t, readFile(t, l.paths()[0])); len(again) != len(list) || r.Torn() {
		t.Errorf("%d records, torn %v; were %d", len(again), r.Torn(), len(list))
	}
}
