// Starts Swagger UI on the contract that the page names, with a token filled in.
'use strict';

const page = document.getElementById('page').dataset;
const ui = SwaggerUIBundle({
  url: page.contract,
  dom_id: '#page',
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  onComplete: () => page.bearer && ui.preauthorizeApiKey('bearer', page.bearer),
});
