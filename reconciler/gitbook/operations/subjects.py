"""What operations are about, as addresses whose keys come from the parameters or from the body.

Errors, logs and prompts name the subject, so that a reader sees which resource a request was for.
"""

from __future__ import annotations

AN_INTEGRATION = "integration/{integrationName}"
AN_INSTALLATION = "installation/{integrationName}"
A_SPACE = f"{AN_INSTALLATION}/space/{{spaceId}}"
A_NEW_SPACE = f"{AN_INSTALLATION}/space/{{space}}"
"""The POST has the id in its body, as `space`."""
A_SITE = f"{AN_INSTALLATION}/site/{{siteId}}"
"""Its POST has the id in its body too, under the same name."""
AN_ORGANIZATION = "organization/{organizationId}"
AN_ORGANIZATIONS_SPACE = "space/{spaceId}"
AN_ORGANIZATIONS_SITE = "site/{siteId}"
