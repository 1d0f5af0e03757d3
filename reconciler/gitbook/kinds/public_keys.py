"""Keys of the official integrations that look secret but are sent to every reader's browser.

Write keys, script keys and project tokens. A reviewer needs to see them, so plans do not mask them.
From the manifests of github.com/GitbookIO/integrations, August 2026.
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
