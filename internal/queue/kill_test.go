package queue_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/queue/embedded"
	"telltale/internal/work"
)

// child is a crawler in a process of its own: it takes one visit, says so, and holds it until it is killed.
func child(url string) int {
	ctx := context.Background()
	q, err := queue.Open(ctx, queue.Config{URL: url, Token: "s3cret", Consume: queue.Consume{AckWait: 500 * time.Millisecond, MaxDeliver: 3, MemberTTL: time.Second}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	err = q.ConsumeVisits(ctx, 1, func(ctx context.Context, d work.Delivery[pages.Visit]) work.Outcome {
		fmt.Fprintln(os.Stdout, "holding", d.Value.Domain, d.Attempt)
		<-ctx.Done()
		return work.Done()
	})
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// killOneHolder starts a crawler process, waits until it holds a visit and kills it. It returns what the
// crawler held.
func killOneHolder(t *testing.T, url string) string {
	t.Helper()
	cmd := exec.CommandContext(deadline(t), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the crawler process died: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("a killed process ended well")
	}
	return strings.TrimSpace(line)
}

func listening(_ *queue.Config, e *embedded.Config) {
	e.Listen, e.Token = "127.0.0.1:0", "s3cret"
}

func withToken(c *queue.Config, _ *embedded.Config) {
	c.Token, c.Consume.AckWait = "s3cret", 500*time.Millisecond
}

func TestAVisitHeldByAKilledProcessIsDeliveredAgain(t *testing.T) {
	b := setup(t, listening, withToken)
	if err := b.q.PublishVisit(deadline(t), visit("contoso.com")); err != nil {
		t.Fatal(err)
	}
	if got := killOneHolder(t, b.srv.ClientURL()); got != "holding contoso.com 1" {
		t.Fatalf("the crawler process says %q", got)
	}
	got := make(chan work.Delivery[pages.Visit], 1)
	stop := run(func(ctx context.Context) error {
		return b.q.ConsumeVisits(ctx, 1, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
			got <- d
			return work.Done()
		})
	})
	if d := <-got; d.Value.Domain != "contoso.com" || d.Attempt != 2 {
		t.Errorf("delivered again as %+v", d)
	}
	eventually(t, "visit is done", func() bool { return b.messages(queue.StreamVisits) == 0 })
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestAVisitThatKillsEveryCrawlerEndsAsADeadLetterAndFreesItsDomain(t *testing.T) {
	b := setup(t, listening, withToken)
	ctx := deadline(t)
	if err := b.q.PublishVisit(ctx, visit("poison.example")); err != nil {
		t.Fatal(err)
	}
	// MaxDeliver is 3; three more are spared for deliveries that were handed back.
	for i := 1; i <= 6; i++ {
		if got, want := killOneHolder(t, b.srv.ClientURL()), fmt.Sprintf("holding poison.example %d", i); got != want {
			t.Fatalf("crawler process %d says %q", i, got)
		}
	}
	stop := run(func(ctx context.Context) error {
		return b.q.ConsumeVisits(ctx, 1, func(_ context.Context, d work.Delivery[pages.Visit]) work.Outcome {
			if d.Attempt > 1 {
				t.Error("a visit that killed six crawlers was handed to a seventh")
			}
			return work.Done()
		})
	})
	eventually(t, "it is buried", func() bool { return len(b.letters(queue.Filter{})) == 1 })
	if l := b.letters(queue.Filter{})[0]; l.Reason != queue.ReasonStuck || l.Domain != "poison.example" || l.Deliveries != 7 {
		t.Errorf("letter %+v", l)
	}
	eventually(t, "the domain is free", func() bool { return b.q.PublishVisit(ctx, visit("poison.example")) == nil })
	if err := stop(); err != nil {
		t.Error(err)
	}
}
