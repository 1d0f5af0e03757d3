"""Keys of the official integrations that look secret and stand in every page that they are on.

Each goes to the browser of every reader: write keys, script keys, project tokens. A review wants to read
them. From the manifests of github.com/GitbookIO/integrations, August 2026.
"""

from __future__ import annotations

from typing import Final

PUBLIC_KEYS: Final = frozenset(
    {
        "amplitude/amplitude_api_key",
        "devtune/snippet_key",
        "koala/koala_key",
        "mixpanel/project_token",
        "pendo/api_key",
        "plausible/scriptKey",
        "posthog/projectApiKey",
        "segment/write_key",
        "unify/api_key",
    }
)
