package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nats-io/nats-server/v2/server"
)

// ttlIndex is the server's index of when messages run out, beside the blocks of a stream.
const ttlIndex = "thw.db"

// forgetTTLIndex removes the index of each stream before the server reads it. Tried (nats-server 2.15.2): the index is
// written with what has run out already gone from it, the blocks keep those messages until they are compacted; after a
// kill -9 the messages are back and the index says up to which sequence it speaks for all, so that nothing ever removes
// them: leases of dead crawlers stayed for ever. Without an index the server reads it off the messages.
func (s *Server) forgetTTLIndex() error {
	files, err := filepath.Glob(filepath.Join(s.cfg.Dir, server.JetStreamStoreDir, "*", "streams", "*", "msgs", ttlIndex))
	if err != nil {
		return fmt.Errorf("look for indexes of times to live: %w: %w", ErrStore, err)
	}
	for _, file := range files {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an index of times to live: %w: %w", ErrStore, err)
		}
	}
	return nil
}
