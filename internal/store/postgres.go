package store

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"time"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// longestWrite is how long a transaction may take that writes: a server, or what is between it and us, may hang without a word.
const longestWrite = 2 * time.Minute

// openPostgres connects to the server, or to the one of several in a multi-host URL that target_session_attrs wants.
func (s *Store) openPostgres(ctx context.Context, dsn string) error {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return fmt.Errorf("the URL of the database cannot be read: want postgres://user:password@host:5432/database: %w", err)
	}
	// A node that hangs in a transaction would hold the feed's counter, and with it every writer of every node.
	for name, value := range map[string]string{"idle_in_transaction_session_timeout": "30s", "lock_timeout": "10s"} {
		if config.RuntimeParams[name] == "" {
			config.RuntimeParams[name] = value
		}
	}
	config.DialFunc = dial
	s.dialect, s.dsn, s.longest = dialect.Postgres, dsn, longestWrite
	s.write = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(timesInUTC))
	s.write.SetMaxOpenConns(16)
	s.write.SetMaxIdleConns(16)
	s.write.SetConnMaxIdleTime(5 * time.Minute)
	s.write.SetConnMaxLifetime(time.Hour) // so that connections spread again after a failover
	s.read = s.write
	if err := s.write.PingContext(ctx); err != nil {
		return fmt.Errorf("database %s cannot be reached: start the server, or correct the URL: %w", redacted(dsn), err)
	}
	return nil
}

// dial makes connections that are given up where the other side has been silent, also to the kernel, for half a minute.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	return (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}).
		DialContext(ctx, network, address)
}

// redacted is a URL without its password, for messages.
func redacted(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil { // several hosts with ports are no URL to Go
		return "postgres://…"
	}
	return u.Redacted()
}

// timesInUTC makes the driver read times as they were written, not in the machine's time zone.
func timesInUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}
