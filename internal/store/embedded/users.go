package embedded

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// grants are all that anybody may do in the embedded engine, this program included: nothing that reaches
// files, other hosts, programs or the life of the process (no SOURCES, no CREATE FUNCTION or DICTIONARY,
// no SYSTEM SHUTDOWN, which would end this process).
const grants = "GRANT SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE TEMPORARY TABLE, " +
	"DROP DATABASE, DROP TABLE, DROP VIEW, SHOW, TRUNCATE, OPTIMIZE, CHECK, KILL QUERY, SYSTEM MERGES, BACKUP, dictGet ON *.*"

// engines are the table and database engines that keep their data in the store.
const engines = "MergeTree ReplacingMergeTree AggregatingMergeTree SummingMergeTree CollapsingMergeTree " +
	"VersionedCollapsingMergeTree CoalescingMergeTree GraphiteMergeTree " +
	"Memory Null Join Set Log TinyLog StripeLog View MaterializedView Merge GenerateRandom Atomic"

// writeUsers writes the engine's configuration, which takes the grants away that a library has by
// default. Without a configuration of ours the engine would also read ./config.xml of the working directory.
func writeUsers(dir string, minFree int64) (configPath string, err error) {
	var users strings.Builder
	users.WriteString("<clickhouse><users><default><password></password><profile>default</profile><quota>default</quota><networks><ip>::/0</ip></networks><grants>")
	users.WriteString("<query>" + grants + "</query>")
	for e := range strings.FieldsSeq(engines) {
		users.WriteString("<query>GRANT TABLE ENGINE ON " + e + "</query>")
	}
	users.WriteString("</grants></default></users><profiles><default></default></profiles><quotas><default></default></quotas></clickhouse>\n")
	usersPath := filepath.Join(dir, "users.xml")
	if err := os.WriteFile(usersPath, []byte(users.String()), 0o600); err != nil {
		return "", fmt.Errorf("write the engine's users: %w", err)
	}
	var escaped strings.Builder
	if err := xml.EscapeText(&escaped, []byte(usersPath)); err != nil {
		return "", fmt.Errorf("write the engine's configuration: %w", err)
	}
	config := "<clickhouse><users_config>" + escaped.String() + "</users_config>" +
		"<storage_configuration><disks><default><keep_free_space_bytes>" + strconv.FormatInt(minFree, 10) + "</keep_free_space_bytes></default></disks></storage_configuration>" +
		"<access_control_improvements><table_engines_require_grant>true</table_engines_require_grant></access_control_improvements></clickhouse>\n"
	configPath = filepath.Join(dir, "config.xml")
	if err := os.WriteFile(configPath, []byte(config), 0o600); err != nil {
		return "", fmt.Errorf("write the engine's configuration: %w", err)
	}
	return configPath, nil
}
