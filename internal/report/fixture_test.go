package report_test

import (
	"flag"
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"telltale/internal/intent"
	"telltale/internal/intent/matrix"
	"telltale/internal/report"
	"telltale/internal/store/schemadir"
	"telltale/internal/store/storetest"

	"encoding/base64"
	"encoding/json"
)

var (
	update = flag.Bool("update", false, "write golden files")
	page   = flag.String("page", "", "write the page of the test's world to this file, to look at it")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.Cleanup(schema.End)) }

// schema is what stores of tests begin with.
var schema schemadir.Schema

// bridge is the store of a test, with months to fill it with.
type bridge struct{ storetest.Bench }

func open(t testing.TB) bridge {
	t.Helper()
	return bridge{storetest.Open(t, &schema)}
}

func june(t testing.TB) intent.Month {
	t.Helper()
	m, err := intent.ParseMonth("2026-06")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// world publishes a month of 320 accounts made by arithmetic, so that it is the same every time; the texts of the first
// accounts are hostile.
func world(t testing.TB) (bridge, *report.Reader) {
	t.Helper()
	b := open(t)
	m := matrix.Default()
	content, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	b.Do(t,
		fmt.Sprintf(`INSERT INTO models VALUES ('matrix','','%s','2026-07-01 00:00:00','champion',base64Decode('%s'),'')`, m.ID(), base64.StdEncoding.EncodeToString(content)),
		fmt.Sprintf(`INSERT INTO scoring_run_rows (run_id, version, month, state, as_of, known_by, started_at, finished_at, intent_model, matrix, accounts, signals, rows, error) VALUES ('2026-06-old',1,'2026-06-01','superseded','2026-06-30 23:59:59.999','2026-07-01 00:00:00','2026-07-01 00:00:00','2026-07-01 00:00:01','w','%[1]s',1,1,1,''),
			('2026-06-run',1,'2026-06-01','published','2026-06-30 23:59:59.999','2026-07-02 06:00:00','2026-07-02 06:00:00','2026-07-02 06:00:09','default-1-abcd1234','%[1]s',320,1874,2560,'')`, m.ID()),
		`INSERT INTO account_rows (account_id, known_from, name, country, region, industry, employees)
		SELECT concat('A-', leftPad(toString(number), 4, '0')), '2026-01-01 00:00:00',
			['Fabrikam','Contoso','Northwind','Adatum','Litware','Proseware','Tailspin','Wingtip'][number % 8 + 1] || ' ' || ['Logistics','Foods','Robotics','Clinics','Press','Energy'][number % 6 + 1] || ' ' || toString(number),
			['Germany','France','Poland','Ireland'][number % 4 + 1], ['Bavaria','Île-de-France','Mazovia','Leinster'][number % 4 + 1],
			['Manufacturing','Retail','Health','Media','Energy'][number % 5 + 1], 5 + number * 7 FROM numbers(320)`,
		`INSERT INTO account_domains SELECT concat('A-', leftPad(toString(number), 4, '0')), concat('company', toString(number), '.example'), '1970-01-01 00:00:00', '2199-01-01 00:00:00', '2026-01-01 00:00:00', 0 FROM numbers(320)`,
		`INSERT INTO signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url, evidence)
		SELECT concat('company', toString(intDiv(number, 4)), '.example'), ['topic','topic','event','technology'][number % 4 + 1] AS kind, ['migration','evaluation','funding','Google Workspace'][number % 4 + 1],
			'', toUUID(concat('00000000-0000-8000-8000-', leftPad(toString(number), 12, '0'))), 0.9, 0.9, 1,
			toDateTime64('2026-06-28 09:00:00', 3) - toIntervalDay(number % 60) AS at, at, at, ['blog','press','press','dns'][number % 4 + 1],
			concat('https://www.company', toString(intDiv(number, 4)), '.example/', ['blog','press','press','about'][number % 4 + 1], '/', toString(number), '-how-we-are-moving'),
			['We are moving our workloads to a managed cloud before the data centre lease ends in October','The IT department compares offers and expects a decision within the quarter','The company raised 12 million euros to enlarge its plant','v=spf1 include:_spf.google.com ~all'][number % 4 + 1]
		FROM numbers(1280)`,
		`INSERT INTO signal_rows (domain, kind, name, product, signal_id, strength, confidence, sign, observed_at, detected_at, last_seen, source, url, evidence)
		VALUES ('company1.example','topic','pain','Azure','00000000-0000-8000-8000-100000000001',1,1,1,'2026-06-29 00:00:00','2026-06-29 00:00:00','2026-06-29 00:00:00','forum','javascript:alert(document.domain)','</q><script>alert(1)</script> "quoted" & \x1b[31mred`+"\u202e"+` txt')`,
		`ALTER TABLE account_rows UPDATE name = '<img src=x onerror=alert(1)> & Söhne "GmbH" mit einem sehr langen Namen, der nirgends in eine Zeile passt und weitergeht' WHERE account_id = 'A-0001' SETTINGS mutations_sync = 1`,
	)
	b.scores(t)
	r, err := report.NewReader(b)
	if err != nil {
		t.Fatal(err)
	}
	return b, r
}

// scores writes propensities that follow from the account's number and the product's place.
func (b bridge) scores(t testing.TB) {
	t.Helper()
	b.Do(t, `INSERT INTO propensity_rows
		(month, run_id, account_id, product, fit_score, fit_rating, intent_score, intent_rating, cell, cluster, segment, motion, whitespace_revenue, drivers, fit_model, intent_model)
	WITH ['High|High','High|Medium','High|Low','High|Very Low','Medium|High','Medium|Medium','Medium|Low','Medium|Very Low','Low|High','Low|Medium','Low|Low','Low|Very Low','Very Low|High','Very Low|Medium','Very Low|Low','Very Low|Very Low'] AS pairs,
		['A1','A2','B1','B2','A3','A4','B3','B4','C1','C2','D1','D2','C3','C4','D3','D4'] AS cells
	SELECT '2026-06-01', '2026-06-run', concat('A-', leftPad(toString(n), 4, '0')), product,
		if(n % 11 = 3, NULL, toFloat32(sipHash64(n, product, 'fit') % 1000 / 10)) AS fit, multiIf(fit IS NULL, 'Unknown', fit >= 75, 'High', fit >= 55, 'Medium', fit >= 30, 'Low', 'Very Low') AS fr,
		if(sipHash64(n, product) % 10 < 6, NULL, toFloat32(sipHash64(n, product, 'intent') % 1000 / 10)) AS intent, multiIf(intent IS NULL, 'Unknown', intent >= 75, 'High', intent >= 55, 'Medium', intent >= 30, 'Low', 'Very Low') AS ir,
		transform(concat(fr, '|', ir), pairs, cells, '') AS cell,
		multiIf(cell = '', 'Unknown', cell < 'B', 'Act Now', cell < 'C', 'Evaluate', cell < 'D', 'Nurture', 'Educate'),
		multiIf(n * 7 + 5 >= 300, 'Top Unmanaged user-based', n * 7 + 5 >= 25, 'Medium', n * 7 + 5 >= 10, 'Small', 'Very Small'),
		['whitespace','upsell','renewal','end_of_support'][n % 4 + 1], if(n % 4 = 0, toDecimal64(12345.67 + n, 2), NULL),
		if(intent IS NULL, [], [('base:rate', -2500, []), ('topic:migration', 1234, [toUUID(concat('00000000-0000-8000-8000-', leftPad(toString(n * 4), 12, '0')))]),
			('topic:evaluation', 811, arrayConcat(if(n = 1, [toUUID('00000000-0000-8000-8000-100000000001')], []), [toUUID(concat('00000000-0000-8000-8000-', leftPad(toString(n * 4 + 1), 12, '0')))])),
			('technology:Google Workspace', 600, [toUUID(concat('00000000-0000-8000-8000-', leftPad(toString(n * 4 + 3), 12, '0')))]), ('breadth:sources', 250, []),
			('event:layoff', -120, [toUUID(concat('00000000-0000-8000-8000-', leftPad(toString(n * 4 + 2), 12, '0')))])]),
		'imported', 'default-1-abcd1234'
	FROM (SELECT number AS n, arrayJoin(['Azure','Copilot and AI','Data Platform','Dynamics 365','Microsoft 365','Power Platform','Security','Surface']) AS product FROM numbers(320))`,
		`ALTER TABLE propensity_rows UPDATE fit_score = 99.9, fit_rating = 'High', intent_score = 99.9, intent_rating = 'High', cell = 'A1', cluster = 'Act Now' WHERE account_id = 'A-0001' AND product = 'Azure' SETTINGS mutations_sync = 1`,
		`ALTER TABLE propensity_rows UPDATE expiration = 'open', expiration_type = 'EA; <b>CSP</b>', expires_on = '2026-06-30', expiring_revenue = 1234567.5, open_expiring_revenue = 1000,
			whitespace_revenue = 12345.6, whitespace_level = 'segment', whitespace_owners = 4, whitespace_basis = 'segment: 4 at $5000 (weight 1)' WHERE account_id = 'A-0001' AND product = 'Azure' SETTINGS mutations_sync = 1`,
		`ALTER TABLE propensity_rows UPDATE drivers = (SELECT drivers FROM propensity_rows WHERE account_id = 'A-0001' AND notEmpty(drivers) LIMIT 1) WHERE account_id = 'A-0001' AND product = 'Azure' SETTINGS mutations_sync = 1`,
		`INSERT INTO intent_score_rows (month, run_id, account_id, product, logit, score, rating, signals, sources, freshest, covered, drivers)
		SELECT month, run_id, account_id, product, 0, intent_score, intent_rating, length(drivers), 2, if(empty(drivers), NULL, toDateTime64('2026-06-28 09:00:00', 3, 'UTC')), sipHash64(account_id) % 10 < 9 OR notEmpty(drivers), drivers FROM propensity_rows`)
}
