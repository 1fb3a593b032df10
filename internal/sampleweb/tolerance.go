package sampleweb

import "strings"

// besides lists the events that a sentence about a topic or an event may fairly be read as, too.
func besides(name string) []string {
	switch name {
	case "hiring":
		return []string{"hiring"}
	case "compliance", "renewal", "expansion":
		return []string{name}
	case "competitor_adopted":
		return []string{"partnership"}
	case "evaluation":
		return []string{"rfp"}
	case "merger_acquisition":
		return []string{"expansion", "investment"}
	case "investment", "facility":
		return []string{"investment", "expansion", "facility"}
	case "funding":
		return []string{"investment"}
	case "new_client":
		return []string{"partnership", "rfp", "renewal"}
	case "partnership":
		return []string{"new_client", "expansion", "product_launch"}
	}
	return nil
}

// near lists the topics that a fair reader could see in a sentence written for a topic: a server out of
// support is also a reason to migrate, a trial may sound like a move.
func near(topic string) []string {
	switch topic {
	case "evaluation":
		return []string{"migration", "pain"}
	case "migration":
		return []string{"evaluation", "competitor_dropped", "pain", "end_of_support", "expansion"}
	case "renewal":
		return []string{"expansion", "evaluation"}
	case "pain":
		return []string{"end_of_support", "competitor_dropped", "evaluation"}
	case "compliance":
		return []string{"evaluation", "migration", "end_of_support"}
	case "hiring":
		return []string{"migration", "expansion"}
	case "expansion":
		return []string{"migration", "renewal"}
	case "end_of_support":
		return []string{"migration", "pain", "compliance"}
	case "competitor_adopted":
		return []string{"migration"}
	case "competitor_dropped":
		return []string{"migration", "renewal", "pain", "end_of_support"}
	}
	return nil
}

// named lists the products, other than its own, whose names a text happens to contain.
func named(text, own string) []string {
	words := [...][]string{
		{"Microsoft 365", "Office", "Teams", "SharePoint", "Exchange", "OneDrive"},
		{"Azure", "VMware", "AWS", "Amazon", "Windows Server", "Google Cloud", "Server 2012", "Server 2016"},
		{"Dynamics", "Business Central", "Navision", "ERP", "CRM", "Salesforce", "SAP", "NetSuite"},
		{"Surface", "notebook", "laptop", "tablet", "Windows 1"},
		{"Defender", "Entra", "Sentinel", "Purview", "Intune", "NIS2", "antivirus"},
		{"Copilot", "OpenAI", "chatbot", "assistant", "Gemini", "ChatGPT", "Claude"},
		{"Power A", "Power P", "Power Platform", "Access", "InfoPath", "low-code", "paper forms", "Papierformulare"},
		{"Power BI", "Fabric", "SQL Server", "Synapse", "Tableau", "Snowflake", "spreadsheet", "Excel", "Oracle"},
	}
	var out []string
	for i, product := range Products() {
		if product == own {
			continue
		}
		for _, word := range words[i] {
			if strings.Contains(text, word) {
				out = append(out, product)
				break
			}
		}
	}
	return out
}
