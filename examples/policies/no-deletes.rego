# Refuses a plan that deletes anything. It reads what `gbsync plan --json plan.json` writes, with opa, conftest or
# anything else that runs Rego on Terraform's plan JSON: `opa eval -d no-deletes.rego -i plan.json data.gbsync.deny`.
package gbsync

import rego.v1

deny contains message if {
	some step in input.resource_changes
	"delete" in step.change.actions
	message := sprintf("%s may not be deleted", [step.address])
}
