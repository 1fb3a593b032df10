package fetch

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"telltale/internal/document/charset"
	"telltale/internal/pages"
)

// Recorder keeps what went over the wire. Record is called once for each answer, redirects hop by hop and robots.txt
// included, after its body was read and its slot given back. It may wait, no longer than ctx lasts; it must not
// change what it is given, and nobody changes it afterwards.
type Recorder interface {
	Record(ctx context.Context, x *pages.Exchange)
}

// record hands an answer to the recorder, where there are both.
func (f *Fetcher) record(ctx context.Context, x *exchange, request http.Header) {
	if f.deps.Recorder == nil || !x.answered {
		return
	}
	f.deps.Recorder.Record(ctx, &pages.Exchange{
		URL: x.url, Address: x.addr, At: x.began, Request: request, Status: x.status, Header: x.header, Body: x.wire, Truncated: x.cut,
	})
}

// cutBy says why a body that was read under ctx ends before its end.
func cutBy(ctx context.Context, body []byte, limit int) string {
	switch {
	case len(body) >= limit:
		return pages.CutByLength
	case ctx.Err() != nil:
		return pages.CutByTime
	}
	return pages.CutByDisconnect
}

// Decoder makes of an archived answer the body that Fetch would have given. It is safe for concurrent use.
type Decoder struct{ decoders decoders }

// Decode undoes content codings and puts text into UTF-8, at most pages.MaxBody bytes of it. truncated reports that
// there was more, or that it was cut before.
func (d *Decoder) Decode(x *pages.Exchange) (body []byte, truncated bool, err error) {
	body, truncated = x.Body, x.Truncated != ""
	if x.Coded {
		var broken bool
		resp := &http.Response{Header: x.Header, ContentLength: -1, Body: io.NopCloser(bytes.NewReader(x.Body))}
		if body, broken, err = d.decoders.read(resp, pages.MaxBody, func() int { return pages.MaxBody }); err != nil {
			return nil, false, err
		}
		truncated = truncated || broken
	}
	if len(body) > pages.MaxBody {
		body, truncated = body[:pages.MaxBody], true
	}
	body, cut, _ := charset.ToUTF8(body, x.Header.Get("Content-Type"), truncated, pages.MaxBody)
	return body, truncated || cut, nil
}
