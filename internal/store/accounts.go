package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"telltale/internal/domains"
)

// endOfTime stands for "still" in valid_to.
func endOfTime() time.Time { return time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC) }

// accountRow is an account as it is stored.
type accountRow struct {
	AccountID         string            `ch:"account_id"`
	Name              string            `ch:"name"`
	Country           string            `ch:"country"`
	Region            string            `ch:"region"`
	Industry          string            `ch:"industry"`
	Vertical          string            `ch:"vertical"`
	Partner           string            `ch:"partner"`
	Employees         *uint32           `ch:"employees"`
	AzurePotentialUSD *float64          `ch:"azure_potential_usd"`
	Attributes        map[string]string `ch:"attributes"`
	Deleted           bool              `ch:"deleted"`
}

// ownership is one row of account_domains.
type ownership struct {
	AccountID string    `ch:"account_id"`
	Domain    string    `ch:"domain"`
	ValidFrom time.Time `ch:"valid_from"`
	ValidTo   time.Time `ch:"valid_to"`
	Position  uint8     `ch:"position"`
}

func (o ownership) standing() bool { return o.ValidTo.Equal(endOfTime()) }

func rowOf(a domains.Account) accountRow {
	r := accountRow{
		AccountID: a.ID, Name: a.Name, Country: a.Country, Region: a.Region, Industry: a.Industry,
		Vertical: a.Vertical, Partner: a.Partner, Attributes: a.Attributes,
	}
	if a.Employees >= 0 {
		n := count32(int(a.Employees))
		r.Employees = &n
	}
	if a.AzurePotentialUSD >= 0 {
		r.AzurePotentialUSD = &a.AzurePotentialUSD
	}
	if r.Attributes == nil {
		r.Attributes = map[string]string{}
	}
	return r
}

func (r *accountRow) account() domains.Account {
	a := domains.Account{
		ID: r.AccountID, Name: r.Name, Country: r.Country, Region: r.Region, Industry: r.Industry,
		Vertical: r.Vertical, Partner: r.Partner, Attributes: r.Attributes, Employees: -1, AzurePotentialUSD: -1,
	}
	if r.Employees != nil {
		a.Employees = int64(*r.Employees)
	}
	if r.AzurePotentialUSD != nil {
		a.AzurePotentialUSD = *r.AzurePotentialUSD
	}
	return a
}

func sameAccount(a, b *accountRow) bool {
	return a.Name == b.Name && a.Country == b.Country && a.Region == b.Region && a.Industry == b.Industry &&
		a.Vertical == b.Vertical && a.Partner == b.Partner && equalTo(a.Employees, b.Employees) &&
		equalTo(a.AzurePotentialUSD, b.AzurePotentialUSD) && maps.Equal(a.Attributes, b.Attributes) && a.Deleted == b.Deleted
}

func accountColumns(rows []accountRow) []column {
	type R = accountRow
	return []column{
		project("account_id", rows, func(r *R) string { return r.AccountID }),
		project("name", rows, func(r *R) string { return r.Name }),
		project("country", rows, func(r *R) string { return r.Country }),
		project("region", rows, func(r *R) string { return r.Region }),
		project("industry", rows, func(r *R) string { return r.Industry }),
		project("vertical", rows, func(r *R) string { return r.Vertical }),
		project("partner", rows, func(r *R) string { return r.Partner }),
		project("employees", rows, func(r *R) *uint32 { return r.Employees }),
		project("azure_potential_usd", rows, func(r *R) *float64 { return r.AzurePotentialUSD }),
		project("attributes", rows, func(r *R) map[string]string { return r.Attributes }),
		project("deleted", rows, func(r *R) bool { return r.Deleted }),
	}
}

// ImportAccounts stores accounts, the domains they own and, for domains that are new, a visit due at
// known. Nothing of the past is rewritten: a domain that an account no longer lists, or that another
// account lists now, is closed as of known. Accounts that are not in the list stay as they are.
func (s *Store) ImportAccounts(ctx context.Context, accounts []domains.Account, known time.Time) (Imported, error) {
	rows := make([]accountRow, len(accounts))
	for i, a := range accounts {
		rows[i] = rowOf(a)
	}
	// Domains go first; where an import is cut off, the same import again finds what is still missing.
	for chunk := range slices.Chunk(accounts, importChunk) {
		if err := s.importDomains(ctx, chunk, known); err != nil {
			return Imported{Rows: len(accounts)}, err
		}
	}
	return importer[accountRow]{
		table: "account_rows", current: "import_accounts",
		account: func(r *accountRow) string { return r.AccountID },
		key:     func(r *accountRow) string { return r.AccountID },
		same:    sameAccount, columns: accountColumns,
	}.run(ctx, s, rows, known)
}

// importDomains writes the changes of ownership of some accounts, and the schedule that follows from them.
func (s *Store) importDomains(ctx context.Context, accounts []domains.Account, known time.Time) error {
	var ids, names []string
	for _, a := range accounts {
		ids = append(ids, a.ID)
		names = append(names, a.Domains...)
	}
	var stored []ownership
	if err := s.Select(ctx, &stored, text("import_domains"), Params{"accounts": ids, "domains": names}); err != nil {
		return fmt.Errorf("import domains: %w", err)
	}
	changes, gone := ownershipChanges(accounts, stored, known)
	if len(changes) > 0 {
		columns := append(ownershipColumns(changes), project("known_from", changes, func(*ownership) time.Time { return known }))
		if err := s.insertBlock(ctx, "account_domains", len(changes), columns); err != nil {
			return fmt.Errorf("import domains: %w", err)
		}
	}
	return s.scheduleDomains(ctx, accounts, gone, known)
}

func ownershipColumns(rows []ownership) []column {
	type R = ownership
	return []column{
		project("account_id", rows, func(r *R) string { return r.AccountID }),
		project("domain", rows, func(r *R) string { return r.Domain }),
		project("valid_from", rows, func(r *R) time.Time { return r.ValidFrom }),
		project("valid_to", rows, func(r *R) time.Time { return r.ValidTo }),
		project("position", rows, func(r *R) uint8 { return r.Position }),
	}
}

// ownershipChanges compares what accounts list with the latest row of each domain. gone are the domains
// that nobody owns any more.
func ownershipChanges(accounts []domains.Account, stored []ownership, known time.Time) (changes []ownership, gone []string) {
	latest := make(map[string]ownership, len(stored))
	for _, o := range stored {
		latest[o.Domain] = o
	}
	given, listed := map[string]bool{}, map[string]bool{}
	for _, a := range accounts {
		given[a.ID] = true
		for i, d := range a.Domains {
			listed[d] = true
			before, has := latest[d]
			position := uint8(min(i, 255))
			switch {
			case !has: // the first we hear of it: it always was theirs, as far as we know
				changes = append(changes, ownership{a.ID, d, time.Unix(0, 0).UTC(), endOfTime(), position})
			case before.AccountID == a.ID && before.standing():
				if before.Position != position {
					before.Position = position
					changes = append(changes, before)
				}
			default:
				if before.standing() {
					before.ValidTo = known
					changes = append(changes, before)
				}
				changes = append(changes, ownership{a.ID, d, known, endOfTime(), position})
			}
		}
	}
	for _, o := range stored {
		if given[o.AccountID] && o.standing() && !listed[o.Domain] {
			o.ValidTo = known
			changes, gone = append(changes, o), append(gone, o.Domain)
		}
	}
	return changes, gone
}

// scheduleDomains makes the first visit of new domains due, keeps priorities up to date, and takes
// domains off the schedule that nobody owns.
func (s *Store) scheduleDomains(ctx context.Context, accounts []domains.Account, gone []string, known time.Time) error {
	want := map[string]domains.Priority{}
	names := slices.Clone(gone)
	for _, a := range accounts {
		for _, d := range a.Domains {
			want[d] = domains.PriorityOf(a)
			names = append(names, d)
		}
	}
	current, err := s.scheduled(ctx, names)
	if err != nil {
		return err
	}
	var rows []scheduledRow
	for d, p := range want {
		row, has := current[d]
		switch {
		case !has:
			rows = append(rows, scheduledRow{Scheduled: Scheduled{Domain: d, Priority: p, NextDue: known}})
		case row.Removed || row.Priority != p:
			row.Removed, row.Priority = false, p
			rows = append(rows, row)
		}
	}
	for _, d := range gone {
		if row, has := current[d]; has && !row.Removed {
			row.Removed = true
			rows = append(rows, row)
		}
	}
	// Feeds go first: the same import again would not look at those of a domain that is as it should be.
	if err := s.followDomains(ctx, rows); err != nil {
		return err
	}
	return s.writeSchedule(ctx, rows)
}

// Account returns an account with the domains it owns now; ok is false where there is none.
func (s *Store) Account(ctx context.Context, id string) (a domains.Account, ok bool, err error) {
	var rows []accountRow
	if err := s.Select(ctx, &rows, text("import_accounts"), Params{"accounts": []string{id}}); err != nil {
		return a, false, err
	}
	if len(rows) == 0 || rows[0].Deleted {
		return a, false, nil
	}
	a = rows[0].account()
	var owned []ownership
	if err := s.Select(ctx, &owned, text("import_domains"), Params{"accounts": []string{id}, "domains": []string{}}); err != nil {
		return a, false, err
	}
	slices.SortFunc(owned, func(x, y ownership) int { return int(x.Position) - int(y.Position) })
	for _, o := range owned {
		if o.AccountID == id && o.standing() {
			a.Domains = append(a.Domains, o.Domain)
		}
	}
	return a, true, nil
}
