package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxInspectBody bounds one body given to inspect, and maxInspectLine one line of --batch (base64 grows by a third).
const (
	maxInspectBody = 64 << 20
	maxInspectLine = 96 << 20
)

// InspectCommand groups the verbs that answer for one thing, as JSON, with nothing running.
type InspectCommand struct {
	Robots  InspectRobots  `cmd:"" help:"robots.txt on stdin: may --agent fetch --url?"`
	URL     InspectURL     `cmd:"" name:"url" help:"One address on stdin: its canonical form."`
	Feed    InspectFeed    `cmd:"" help:"A feed on stdin: its items."`
	Sitemap InspectSitemap `cmd:"" help:"A sitemap on stdin: its addresses."`
	Page    InspectPage    `cmd:"" help:"A page on stdin: what it is and what it gives away."`
	Text    InspectText    `cmd:"" help:"Plain text on stdin: its topics and events."`
}

// inspected is one question: the flags of a call, or one line of --batch.
type inspected struct {
	Agent    string      `json:"agent"`
	URL      string      `json:"url"`
	Base     string      `json:"base"`
	Language string      `json:"language"`
	Headers  headerField `json:"headers"`
	Body     []byte      `json:"body"`
	Text     *string     `json:"text"`
}

// content is the body in whichever way it was given.
func (q *inspected) content() []byte {
	if q.Text != nil {
		return []byte(*q.Text)
	}
	return q.Body
}

// headerField reads a JSON object whose values are strings or lists of strings.
type headerField http.Header

// UnmarshalJSON implements json.Unmarshaler.
func (h *headerField) UnmarshalJSON(b []byte) error {
	var raw map[string]any
	if err := json.Unmarshal(b, &raw); err != nil {
		return fmt.Errorf("headers: %w", err)
	}
	out := http.Header{}
	for name, v := range raw {
		switch v := v.(type) {
		case string:
			out.Add(name, v)
		case []any:
			for _, one := range v {
				out.Add(name, fmt.Sprint(one))
			}
		default:
			return fmt.Errorf("headers: %s: want a string or a list of strings", name)
		}
	}
	*h = headerField(out)
	return nil
}

// inspectFailure is the answer where there is none.
type inspectFailure struct {
	Error string `json:"error"`
}

// inspect answers one question from stdin, or with batch one a line, in order.
func inspect(ctx context.Context, env *Env, batch bool, flags inspected, answer func(*inspected) any) error {
	enc := json.NewEncoder(env.Out) // one write an answer, so that a program may ask and wait
	enc.SetEscapeHTML(false)
	if batch {
		return inspectBatch(ctx, env.In, flags, answer, enc)
	}
	body, err := io.ReadAll(io.LimitReader(env.In, maxInspectBody+1))
	if err != nil {
		return fmt.Errorf("read stdin: %w", err)
	}
	if len(body) > maxInspectBody {
		return inputf("stdin: more than %d bytes", maxInspectBody)
	}
	flags.Body = body
	return written(enc.Encode(answer(&flags)))
}

func written(err error) error {
	if err != nil {
		return fmt.Errorf("write an answer: %w", err)
	}
	return nil
}

// inspectBatch answers each line, a blank one among others too, so that answers and lines keep step; blank lines at the end are
// none.
func inspectBatch(ctx context.Context, in io.Reader, flags inspected, answer func(*inspected) any, enc *json.Encoder) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), maxInspectLine)
	blank := 0
	for lines.Scan() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			blank++
			continue
		}
		for ; blank > 0; blank-- {
			if err := enc.Encode(inspectFailure{"line is no question: it is blank"}); err != nil {
				return written(err)
			}
		}
		if err := enc.Encode(answerLine(lines.Bytes(), flags, answer)); err != nil {
			return written(err)
		}
	}
	if err := lines.Err(); err != nil {
		return inputf("stdin: %w: a line may have %d bytes", err, maxInspectLine)
	}
	return nil
}

// answerLine answers one line; its keys win over the flags.
func answerLine(line []byte, question inspected, answer func(*inspected) any) any {
	if err := json.Unmarshal(line, &question); err != nil {
		return inspectFailure{"line is no question: " + err.Error()}
	}
	return answer(&question)
}

// parseHeaders reads --header "Name: value" flags.
func parseHeaders(flags []string) (headerField, error) {
	out := http.Header{}
	for _, f := range flags {
		name, value, ok := strings.Cut(f, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, inputf("--header %q: want NAME: VALUE", f)
		}
		out.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return headerField(out), nil
}
