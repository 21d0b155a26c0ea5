/** The page at `/api-docs`; the script fills it. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>rkllamad API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api-docs/viewer.css">
<script src="/api-docs/viewer.js" defer></script>
</head>
<body>
<header>
<h1 id="title">rkllamad</h1>
<p id="summary"></p>
<p><a href="/api-docs/openapi.json">openapi.json</a></p>
<nav id="tags"></nav>
</header>
<main id="routes"><p>Loading …</p></main>
<noscript>This page needs JavaScript. /api-docs/openapi.json has the same in writing.</noscript>
</body>
</html>
`;
