package oracle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"telltale/internal/queue/embedded"
)

// HubProgram is the name under which Config.Command is asked for the broker.
const HubProgram = "oracle-hub"

// ServeHub is the broker as a process of its own: the product's embedded server over args[0], its directory, listening on
// args[1] and asking for the token args[2], until ctx ends.
func ServeHub(ctx context.Context, args []string, errs io.Writer) error {
	if len(args) != 3 {
		return errors.New("hub: want directory, HOST:PORT and token")
	}
	s := embedded.New(embedded.Config{
		Dir: args[0], Listen: args[1], Token: args[2], Logger: slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err := s.Start(ctx); err != nil {
		return fmt.Errorf("hub: %w", err)
	}
	<-ctx.Done()
	return s.Stop()
}
