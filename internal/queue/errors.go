package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"telltale/internal/pages"
)

// Errors that callers tell apart.
var (
	// ErrOutstanding reports that the domain already has a visit that is not finished.
	ErrOutstanding = errors.New("domain has an outstanding visit")
	// ErrFull reports that a stream is at its limit of messages or bytes.
	ErrFull = errors.New("stream is full")
	// ErrTooLarge reports a message over the server's payload limit.
	ErrTooLarge = errors.New("message is too large")
	// ErrNoSpace reports that the server's store has no room for what is declared.
	ErrNoSpace = errors.New("not enough storage")
	// ErrStore reports that the server could not store a message for a reason that waiting does not mend.
	ErrStore = errors.New("queue store failed")
	// ErrMalformed reports a message that cannot be read.
	ErrMalformed = pages.ErrMalformed
	// ErrClosed reports a queue that is not connected, or no longer.
	ErrClosed = errors.New("queue is not connected")
)

// Error codes of the JetStream API (nats-server, server/errors.json) that jetstream has no name for.
const (
	// codeStoreFailed: a message was not stored; the text says why.
	codeStoreFailed jetstream.ErrorCode = 10077
	// codeNoStorage: insufficient storage resources available.
	codeNoStorage jetstream.ErrorCode = 10047
	// codeAccountFull: resource limits exceeded for account.
	codeAccountFull jetstream.ErrorCode = 10002
	// codeMsgTooLarge: message size exceeds maximum allowed.
	codeMsgTooLarge jetstream.ErrorCode = 10054
	// codeTooMany: the stream's inbound queue is full for now.
	codeTooMany jetstream.ErrorCode = 10167
)

// The texts by which code 10077 is told apart (nats-server, server/store.go).
const (
	textSubjectFull = "maximum messages per subject exceeded"
	textMsgsFull    = "maximum messages exceeded"
	textBytesFull   = "maximum bytes exceeded"
)

// fault is the class of a failed publish.
type fault uint8

const (
	faultNone fault = iota
	// faultFull: the stream is at its limit; a consumer must catch up.
	faultFull
	// faultTransient: the server or the connection is away, or slow; the same message may be sent again.
	faultTransient
	// faultFinal: sending again cannot help.
	faultFinal
)

// classify types the error of a publish and says whether sending again can help.
func classify(err error) (fault, error) {
	if err == nil {
		return faultNone, nil
	}
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return classifyAPI(api, err)
	}
	switch {
	case errors.Is(err, nats.ErrMaxPayload):
		return faultFinal, fmt.Errorf("%w: %w", ErrTooLarge, err)
	case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrAuthorization):
		return faultFinal, fmt.Errorf("%w: %w", ErrClosed, err)
	case errors.Is(err, context.Canceled):
		return faultFinal, err
	}
	// Timeouts, no responders, a lost connection, a full reconnect buffer.
	return faultTransient, err
}

func classifyAPI(api *jetstream.APIError, err error) (fault, error) {
	text := api.Description
	switch {
	case isWrongSequence(err): // only visits are sent with an expected sequence; see onlyVisit
		return faultFinal, fmt.Errorf("%w: %w", ErrOutstanding, err)
	case api.ErrorCode == codeStoreFailed && strings.Contains(text, textSubjectFull):
		return faultFinal, fmt.Errorf("%w: %w", ErrOutstanding, err)
	case api.ErrorCode == codeStoreFailed && (strings.Contains(text, textMsgsFull) || strings.Contains(text, textBytesFull)):
		return faultFull, fmt.Errorf("%w: %w", ErrFull, err)
	case api.ErrorCode == codeStoreFailed:
		return faultFinal, fmt.Errorf("%w: %w", ErrStore, err)
	case api.ErrorCode == codeNoStorage, api.ErrorCode == codeAccountFull:
		// The account's storage is used up; other streams may free it.
		return faultFull, fmt.Errorf("%w: %w", ErrFull, err)
	case api.ErrorCode == codeTooMany, api.Code == 503, api.Code == 429:
		return faultTransient, err
	case api.ErrorCode == codeMsgTooLarge:
		return faultFinal, fmt.Errorf("%w: %w", ErrTooLarge, err)
	}
	return faultFinal, err
}
