package speed

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gocolly/colly/v2"
	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"telltale/internal/crawl"
	"telltale/internal/fetch"
	"telltale/internal/pages"
	"telltale/internal/queue"
	"telltale/internal/work"
)

// tally is what a side read.
type tally struct {
	pages int
	bytes int64
}

func (t *tally) add(body int) { t.pages, t.bytes = t.pages+1, t.bytes+int64(body) }

// side reads every page of one host. round tells its messages from those of other rounds.
type side func(ctx context.Context, host, round int) (tally, error)

// ours is the fetch path of the product, from the address to the acknowledgement of the page.
type ours struct {
	fetcher *fetch.Fetcher
	queue   *queue.Queue
	pages   int
}

// publish reads the pages of a host and publishes them: canonical address, robots.txt, guard, pace, colly, caps,
// charset, hash, JetStream and its acknowledgement.
func (o *ours) publish(ctx context.Context, host, round int) (tally, error) {
	domain := hostName(host)
	var t tally
	for i := range o.pages {
		u := "http://" + domain + path(i)
		resp, err := o.fetcher.Fetch(ctx, pages.Request{URL: u})
		if err != nil {
			return t, err
		}
		p := &pages.Page{
			VisitID: domain + "@" + strconv.Itoa(round), Domain: domain, URL: u, FinalURL: resp.FinalURL, Kind: pages.KindBlog, Status: resp.Status,
			Header: resp.Header, FetchedAt: resp.FetchedAt, Truncated: resp.Truncated, ContentHash: pages.Hash(resp.Body), Body: resp.Body,
		}
		if err := o.queue.PublishPage(ctx, p); err != nil {
			return t, err
		}
		t.add(len(resp.Body))
	}
	return t, nil
}

// visit is the crawler's whole visit: DNS probe, robots.txt, home page, links, kinds, budgets, pages and result.
func (o *ours) visit(ctx context.Context, host, round int) (tally, error) {
	domain := hostName(host)
	out := &counted{Publisher: o.queue}
	c, err := crawl.New(crawlConfig(o.pages), crawl.Deps{Fetcher: o.fetcher, Prober: o.fetcher, Publisher: out})
	if err != nil {
		return tally{}, err
	}
	outcome := c.Handle(ctx, work.Delivery[pages.Visit]{Value: pages.Visit{ID: domain + "@v" + strconv.Itoa(round), Domain: domain, DueAt: time.Now()}, Attempt: 1})
	if outcome != work.Done() {
		return out.tally, fmt.Errorf("visit of %s: %v", domain, outcome)
	}
	return out.tally, nil
}

func crawlConfig(n int) crawl.Config {
	quotas := crawl.DefaultQuotas()
	for kind := range quotas {
		quotas[kind] = n
	}
	return crawl.Config{Crawler: "bench", MaxPages: n, MaxBytes: 1 << 30, Quotas: quotas}
}

// counted counts what a visit publishes.
type counted struct {
	crawl.Publisher
	tally
}

// PublishPage implements crawl.Publisher.
func (c *counted) PublishPage(ctx context.Context, p *pages.Page) error {
	if p.Kind != pages.KindProbe {
		c.add(len(p.Body))
	}
	return c.Publisher.PublishPage(ctx, p)
}

// rivals read the same pages without us. Names resolve to the same addresses, without DNS.
type rivals struct {
	web       webUp
	addresses int
	pages     int
	client    *http.Client
	js        jetstream.JetStream
	zstd      *zstd.Encoder
	colly     *colly.Collector
}

func newRivals(ask *fetchAsk, nc *nats.Conn) (*rivals, error) {
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(4096))
	if err != nil {
		return nil, err
	}
	// As the queue's codec has it.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(true))
	if err != nil {
		return nil, err
	}
	r := &rivals{web: ask.Web, addresses: ask.Addresses, pages: ask.Pages, js: js, zstd: enc}
	r.client = &http.Client{Transport: r.transport()}
	r.colly = colly.NewCollector()
	return r, nil
}

// transport is net/http's, which finds the web.
func (r *rivals) transport() *http.Transport {
	return &http.Transport{MaxIdleConns: 2000, MaxIdleConnsPerHost: 1, DialContext: func(ctx context.Context, network, hostPort string) (net.Conn, error) {
		host, _, _ := strings.Cut(hostPort, ":")
		target := net.JoinHostPort(address(hostNumber(host), r.addresses).String(), strconv.Itoa(r.web.HTTP))
		return (&net.Dialer{}).DialContext(ctx, network, target)
	}}
}

// get is bare net/http: a GET and its body.
func (r *rivals) get(ctx context.Context, u string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return nil, err
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // it was read to its end
	return io.ReadAll(resp.Body)
}

func (r *rivals) bare(ctx context.Context, host, _ int) (tally, error) {
	var t tally
	for i := range r.pages {
		body, err := r.get(ctx, "http://"+hostName(host)+path(i))
		if err != nil {
			return t, err
		}
		t.add(len(body))
	}
	return t, nil
}

// plain is the loop of GET, zstd and asynchronous publish, in the batches that a visit makes: each page is
// acknowledged before the visit asks for the next.
func (r *rivals) plain(ctx context.Context, host, round int) (tally, error) {
	var t tally
	subject := plainSubjects + "." + strconv.Itoa(host%queue.Partitions) + "." + queue.Token(hostName(host))
	for i := range r.pages {
		body, err := r.get(ctx, "http://"+hostName(host)+path(i))
		if err != nil {
			return t, err
		}
		m := &nats.Msg{Subject: subject, Data: r.zstd.EncodeAll(body, nil), Header: nats.Header{
			jetstream.MsgIDHeader: {strconv.Itoa(host) + "-" + strconv.Itoa(i) + "-" + strconv.Itoa(round)},
		}}
		ack, err := r.js.PublishMsgAsync(m)
		if err != nil {
			return t, err
		}
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			return t, err
		case <-ctx.Done():
			return t, ctx.Err()
		}
		t.add(len(body))
	}
	return t, nil
}

// collector is colly with a memory of its own, as a crawl of one site has it.
func (r *rivals) collector(host int, t *tally) *colly.Collector {
	c := colly.NewCollector(colly.AllowedDomains(hostName(host)))
	c.WithTransport(r.client.Transport)
	c.OnResponse(func(resp *colly.Response) { t.add(len(resp.Body)) })
	return c
}

func (r *rivals) bareColly(_ context.Context, host, _ int) (tally, error) {
	var t tally
	c := r.collector(host, &t)
	for i := range r.pages {
		if err := c.Visit("http://" + hostName(host) + path(i)); err != nil {
			return t, err
		}
	}
	return t, nil
}

// collyLinks is colly as its own examples follow links: every a[href] is visited, and colly knows what it has visited.
func (r *rivals) collyLinks(_ context.Context, host, _ int) (tally, error) {
	var t tally
	c := r.collector(host, &t)
	c.OnHTML("a[href]", func(e *colly.HTMLElement) {
		_ = e.Request.Visit(e.Request.AbsoluteURL(e.Attr("href"))) // most were visited before, or lead elsewhere
	})
	return t, c.Visit("http://" + hostName(host) + "/")
}
