"""`${{ env.X }}`, `${{ var.X }}`, `${{ secret.X }}`, `${{ site.X }}`: found, looked up, filled in."""
