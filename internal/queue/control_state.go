package queue

import (
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// controlState is the bucket's content by token.
type controlState struct {
	paused map[string]time.Time
	blocks map[string]Block
}

func newState() *controlState {
	return &controlState{paused: map[string]time.Time{}, blocks: map[string]Block{}}
}

// apply takes one entry of the bucket in.
func (s *controlState) apply(log *slog.Logger, e jetstream.KeyValueEntry) {
	gone := e.Operation() != jetstream.KeyValuePut
	if t, ok := strings.CutPrefix(e.Key(), pauseKey); ok {
		delete(s.paused, t)
		if !gone {
			s.paused[t] = e.Created()
		}
	}
	if t, ok := strings.CutPrefix(e.Key(), blockKey); ok {
		delete(s.blocks, t)
		if !gone {
			s.blocks[t] = readBlock(log, t, e.Value())
		}
	}
}

// readBlock reads an entry of the block list. One that cannot be read still blocks: the safe side is not
// to crawl.
func readBlock(log *slog.Logger, token string, value []byte) Block {
	var b Block
	if err := json.Unmarshal(value, &b); err != nil {
		log.Warn("unreadable block entry; the domain stays blocked", "key", token, "err", err)
		b = Block{Reason: "unreadable block entry"}
	}
	if domain, err := Untoken(token); err == nil {
		b.Domain = domain
	}
	return b
}
