package embedded

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"telltale/internal/store/sqltext"
)

// demand is what a statement wants of its session.
type demand struct {
	database string
	settings map[string]string
	// outside marks a statement that came through a Listener; readonly one that may change nothing.
	outside, readonly bool
}

// capped tells the settings an outsider may lower but not raise.
func capped(name string) bool {
	return name == "max_memory_usage" || name == "max_threads" || name == "max_execution_time"
}

// ignored tells the settings nobody sets over the protocol: the engine's reply must stay what it says it
// is, and an insert is durable when it is acknowledged.
func ignored(name string) bool {
	switch name {
	case "log_comment", "async_insert", "wait_for_async_insert", "implicit_select",
		"send_progress_in_http_headers", "http_headers_progress_interval_ms", "http_write_exception_in_output_format", "network_compression_method",
		"network_zstd_compression_level", "enable_http_compression", "http_zlib_compression_level", "cancel_http_readonly_queries_on_client_close",
		"send_profile_events":
		return true
	}
	return false
}

// base are the settings every statement starts with.
func (e *Engine) base(d demand) map[string]string {
	settings := map[string]string{
		"implicit_select":                    "0",
		"max_memory_usage":                   strconv.FormatInt(e.cfg.MaxQueryMemory, 10),
		"max_bytes_before_external_group_by": strconv.FormatInt(e.cfg.MaxQueryMemory/2, 10),
		"max_bytes_before_external_sort":     strconv.FormatInt(e.cfg.MaxQueryMemory/2, 10),
		"max_threads":                        strconv.Itoa(e.cfg.MaxThreads),
		"max_query_size":                     strconv.Itoa(e.cfg.MaxQueryBytes + 1024),
	}
	if d.outside {
		settings["max_execution_time"] = strconv.Itoa(int(e.cfg.MaxExecution / time.Second))
	}
	return settings
}

// resolve merges what is asked for with the base.
func (e *Engine) resolve(d demand) (map[string]string, error) {
	settings := e.base(d)
	for name, value := range d.settings {
		if ignored(name) {
			continue
		}
		if d.outside && name == "readonly" {
			continue
		}
		if limit, has := settings[name]; has && d.outside && capped(name) && !within(value, limit) {
			return nil, &EngineError{Code: codeSettingConstraint, Message: fmt.Sprintf("Setting %s shouldn't be greater than %s. (SETTING_CONSTRAINT_VIOLATION)", name, limit)}
		}
		settings[name] = value
	}
	if d.readonly {
		settings["readonly"] = "1"
	}
	return settings, nil
}

// within reports that value is a number in 1…limit; 0 means no limit to the engine.
func within(value, limit string) bool {
	v, err := strconv.ParseFloat(value, 64)
	l, errLimit := strconv.ParseFloat(limit, 64)
	return err == nil && errLimit == nil && v > 0 && v <= l
}

// acquire returns a session in the state the demand asks for, opened or kept from before.
func (e *Engine) acquire(d demand) (*session, error) {
	settings, err := e.resolve(d)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(settings))
	for name := range settings {
		names = append(names, name)
	}
	slices.Sort(names)
	var key strings.Builder
	for _, name := range names {
		fmt.Fprintf(&key, "%q=%q,", name, settings[name])
	}
	fmt.Fprintf(&key, "%q", d.database)
	if s := e.reuse(key.String()); s != nil {
		e.metrics.sessions.WithLabelValues("reused").Inc()
		return s, nil
	}
	e.metrics.sessions.WithLabelValues("opened").Inc()
	return e.connect(names, settings, d.database, key.String())
}

func (e *Engine) reuse(key string) *session {
	e.mu.Lock()
	defer e.mu.Unlock()
	kept := e.idle[key]
	if len(kept) == 0 {
		return nil
	}
	s := kept[len(kept)-1]
	if e.idle[key] = kept[:len(kept)-1]; len(kept) == 1 {
		delete(e.idle, key)
	}
	e.nIdle--
	return s
}

// connect opens a session. Settings are set by statement, in order, with readonly last, as the engine
// takes an unknown name among a connection's arguments for a server option and says nothing.
func (e *Engine) connect(names []string, settings map[string]string, database, key string) (*session, error) {
	e.mu.Lock()
	e.serial++
	tag := "telltale-session-" + strconv.Itoa(e.serial)
	e.mu.Unlock()
	s, err := e.lib.open("--path="+e.dataPath(), "--log_comment="+tag)
	if err != nil {
		return nil, &EngineError{Code: codeConnectFailed, Message: err.Error() + " (NETWORK_ERROR)"}
	}
	s.tag, s.key = tag, key
	var set strings.Builder
	for _, name := range names {
		if name == "readonly" {
			continue
		}
		if !isName(name) {
			s.close()
			return nil, &EngineError{Code: codeUnknownSetting, Message: fmt.Sprintf("Unknown setting %q. (UNKNOWN_SETTING)", name)}
		}
		separate(&set, ", ")
		set.WriteString(name + " = " + literal(settings[name]))
	}
	statements := []string{"SET " + set.String()}
	if database != "" && database != "default" {
		statements = append(statements, "USE "+identifier(database))
	}
	if value, has := settings["readonly"]; has {
		statements = append(statements, "SET readonly = "+literal(value))
	}
	for _, sql := range statements {
		if _, err := s.exec(sql, "Null", nil, nil); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

func separate(b *strings.Builder, by string) {
	if b.Len() > 0 {
		b.WriteString(by)
	}
}

// release keeps a session for the next statement, or closes it when it is spoilt or one too many.
func (e *Engine) release(s *session) {
	e.mu.Lock()
	keep := e.open && !s.spoilt && e.nIdle < maxIdle
	var victim *session
	if !s.spoilt && e.open && !keep { // make room: keys in use change with the deadlines of callers
		for key, kept := range e.idle {
			victim, e.idle[key] = kept[0], kept[1:]
			if len(e.idle[key]) == 0 {
				delete(e.idle, key)
			}
			e.nIdle--
			keep = true
			break
		}
	}
	if keep {
		e.idle[s.key] = append(e.idle[s.key], s)
		e.nIdle++
	}
	e.mu.Unlock()
	if victim != nil {
		victim.close()
	}
	if !keep {
		s.close()
	}
}

// isName accepts names of settings and formats.
func isName(s string) bool {
	for i := range len(s) {
		if !sqltext.IsWordPart(s[i]) || s[i] >= 0x80 {
			return false
		}
	}
	return s != ""
}

func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", `\0`).Replace(s) + "'"
}

func identifier(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`", "\x00", `\0`).Replace(s) + "`"
}

func splitTabs(s string) []string {
	return strings.Split(strings.TrimRight(s, "\n"), "\t")
}

// asException gives any error of the engine's side a code.
func asException(err error) *EngineError {
	var x *EngineError
	if errors.As(err, &x) {
		return x
	}
	if errors.Is(err, ErrClosed) {
		return &EngineError{Code: codeConnectFailed, Message: err.Error() + " (NETWORK_ERROR)"}
	}
	return &EngineError{Code: codeUnknownException, Message: err.Error() + " (UNKNOWN_EXCEPTION)"}
}
