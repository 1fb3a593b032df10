package queue

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

const (
	durablePages   = "signal-worker"
	durableResults = "store-writer"
	// durableVisits begins the name of each partition's consumer.
	durableVisits = "crawler-"
	// durableBefore was the one consumer of all visits before they were partitioned by address.
	durableBefore = "crawler"
)

// declareSide is how many consumers are declared side by side: each waits for the disk, and then for a cluster.
const declareSide = 8

// codeOverlap: filtered consumer not unique on workqueue stream (nats-server, server/errors.json).
const codeOverlap jetstream.ErrorCode = 10100

// visitConsumer names the consumer of one partition of visits.
func visitConsumer(partition int) string { return fmt.Sprintf("%s%02d", durableVisits, partition) }

// consumers declares the consumers of each work stream: one, and of visits one a partition, as a work-queue
// stream takes several only where no two can get the same message.
//
// MaxAckPending is unlimited: a message that waits for its retry counts as pending, and with a limit a
// few hundred failures would stop everything else. What is held is bounded by what is asked for.
//
// MaxDeliver is unlimited at the server and kept by us (settle.go): beyond the server's limit a message
// stays, invisible, and all that tells of it is one advisory, lost when nobody listens.
func (c *Config) consumers() map[string][]jetstream.ConsumerConfig {
	mk := func(durable, filter string) jetstream.ConsumerConfig {
		return jetstream.ConsumerConfig{
			Durable: durable, AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverAllPolicy,
			AckWait: c.Consume.AckWait, MaxDeliver: -1, MaxAckPending: -1, FilterSubject: filter,
		}
	}
	visits := make([]jetstream.ConsumerConfig, Partitions)
	for p := range visits {
		visits[p] = mk(visitConsumer(p), fmt.Sprintf("%s.%d.>", visitSubjects, p))
	}
	return map[string][]jetstream.ConsumerConfig{
		StreamVisits:  visits,
		StreamPages:   {mk(durablePages, "")},
		StreamResults: {mk(durableResults, "")},
	}
}

// consumerConfig returns the declaration of one consumer.
func (c *Config) consumerConfig(stream, durable string) jetstream.ConsumerConfig {
	for _, cc := range c.consumers()[stream] {
		if cc.Durable == durable {
			return cc
		}
	}
	return jetstream.ConsumerConfig{Durable: durable}
}

// declareConsumers creates or updates the consumers of a stream. Most often all are there, which one request
// tells.
func (q *Queue) declareConsumers(ctx context.Context, js jetstream.JetStream, stream string, want []jetstream.ConsumerConfig) error {
	have, err := q.listConsumers(ctx, stream)
	if err != nil {
		return fmt.Errorf("list consumers of %s: %w", stream, err)
	}
	if _, old := have[durableBefore]; old && stream == StreamVisits {
		if err := q.dropBefore(ctx, js); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(declareSide)
	for _, cc := range want {
		if info, ok := have[cc.Durable]; ok && sameConsumer(&info.Config, &cc) {
			continue
		}
		group.Go(func() error {
			if err := q.declareConsumer(ctx, js, stream, cc); err != nil {
				return fmt.Errorf("declare consumer %s of %s: %w", cc.Durable, stream, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// declareConsumer creates or updates one consumer. A process that is older than partitions may have put its
// consumer of all visits back between our deletion of it and this.
func (q *Queue) declareConsumer(ctx context.Context, js jetstream.JetStream, stream string, cc jetstream.ConsumerConfig) error {
	cons, err := js.CreateOrUpdateConsumer(ctx, stream, cc)
	var api *jetstream.APIError
	if stream == StreamVisits && errors.As(err, &api) && api.ErrorCode == codeOverlap {
		if err := q.dropBefore(ctx, js); err != nil {
			return err
		}
		cons, err = js.CreateOrUpdateConsumer(ctx, stream, cc)
	}
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.cons[cc.Durable] = cons
	return nil
}

// dropBefore deletes the one consumer of all visits. What it had delivered and not seen settled stays in the
// stream and comes again through the partitions' consumers, its attempts counted anew.
func (q *Queue) dropBefore(ctx context.Context, js jetstream.JetStream) error {
	err := js.DeleteConsumer(ctx, StreamVisits, durableBefore)
	if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return fmt.Errorf("replace consumer %s of %s by one a partition: %w", durableBefore, StreamVisits, err)
	}
	if err == nil {
		q.log.Info("visits are partitioned by address from now on; those in hand come again", "stream", StreamVisits)
	}
	return nil
}

// sameConsumer reports whether a consumer is as declared, in what we declare.
func sameConsumer(have, want *jetstream.ConsumerConfig) bool {
	key := func(c *jetstream.ConsumerConfig) []any {
		return []any{c.AckPolicy, c.DeliverPolicy, c.AckWait, c.MaxDeliver, c.MaxAckPending, c.FilterSubject}
	}
	return reflect.DeepEqual(key(have), key(want))
}

// listConsumers asks for every consumer of a stream, by name.
func (q *Queue) listConsumers(ctx context.Context, stream string) (map[string]*jetstream.ConsumerInfo, error) {
	s, err := q.stream(stream)
	if err != nil {
		return nil, err
	}
	lister := s.ListConsumers(ctx)
	have := map[string]*jetstream.ConsumerInfo{}
	for info := range lister.Info() {
		have[info.Name] = info
	}
	return have, lister.Err()
}

// consumerInfos are the infos of a stream's own consumers, one message of the stream being with one of them
// at most.
func (q *Queue) consumerInfos(ctx context.Context, stream string) ([]*jetstream.ConsumerInfo, error) {
	have, err := q.listConsumers(ctx, stream)
	if err != nil {
		return nil, err
	}
	var list []*jetstream.ConsumerInfo
	for _, cc := range q.cfg.consumers()[stream] {
		if info, ok := have[cc.Durable]; ok {
			list = append(list, info)
		}
	}
	return list, nil
}

// consumer returns a declared consumer; the first time it is asked for it may take a round trip.
func (q *Queue) consumer(ctx context.Context, stream, durable string) (jetstream.Consumer, error) {
	if _, err := q.stream(stream); err != nil {
		return nil, err
	}
	q.mu.Lock()
	c, ok := q.cons[durable]
	js := q.js
	q.mu.Unlock()
	if ok {
		return c, nil
	}
	c, err := js.Consumer(ctx, stream, durable)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.cons[durable] = c
	return c, nil
}

// redeclare puts back a consumer that was deleted under us, or lost with its server.
func (q *Queue) redeclare(ctx context.Context, stream, durable string, cause error) {
	if !errors.Is(cause, jetstream.ErrConsumerDeleted) && !errors.Is(cause, jetstream.ErrConsumerNotFound) &&
		!errors.Is(cause, nats.ErrNoResponders) {
		return
	}
	js, err := q.jetStream()
	if err != nil {
		return
	}
	if err := q.declareConsumer(ctx, js, stream, q.cfg.consumerConfig(stream, durable)); err != nil {
		q.log.Warn("declaring the consumer again failed", "stream", stream, "consumer", durable, "err", err)
	}
}
