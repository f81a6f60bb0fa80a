// Buys one licence from the stub in TypeScript, with nothing to install, and loses an answer on the way:
//
//   node buy.mts [http://127.0.0.1:8080]        (Node.js 22.18 or later; before that: npx tsx buy.mts)

declare const process: { argv: string[]; exit(code: number): never }; // of Node.js, in place of its type definitions

interface Cart { id: string; lineItems: { error?: { errorCode: number; errorDescription: string } }[] }
interface Order { id: string; lineItems: { subscriptionId?: string }[] }
interface CheckoutResult { orders?: Order[]; orderErrors?: unknown[] }
interface Subscription { id: string; status: string }

const stub = process.argv[2] ?? "http://127.0.0.1:8080";
const customer = crypto.randomUUID(); // every GUID is a customer
const api = `${stub}/v1/customers/${customer}`;

function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}

// Asks once, and as long as there is no answer the same again. The MS-RequestId stays the same, by which the service knows
// what it has done already.
async function send<T>(method: string, url: string, body?: unknown): Promise<{ answer: T; headers: Headers }> {
  const headers = { Authorization: "Bearer any", "MS-RequestId": crypto.randomUUID(), "Content-Type": "application/json" };
  for (let tries = 0; tries < 3; tries++) {
    try {
      const response = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) fail(`${method} ${url}: ${response.status} ${text}`);
      return { answer: JSON.parse(text) as T, headers: response.headers };
    } catch {
      console.log("no answer: the same request again");
    }
  }
  return fail(`${method} ${url} has no answer`);
}

// Every answer of the stub says so. Partner Center's does not, and there orders cost money.
if (!(await fetch(`${stub}/livez`)).headers.has("X-Cartwright")) fail(`${stub} is not the stub`);

const line = { catalogItemId: "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5", quantity: 1, billingCycle: "monthly", termDuration: "P1Y" };
const { answer: cart } = await send<Cart>("POST", `${api}/carts`, { lineItems: [line] });
for (const { error } of cart.lineItems) {
  if (error) fail(`a line is in error: ${error.errorCode} ${error.errorDescription}`); // inside a success
}
console.log("cart", cart.id);

// The answer to the next checkout of this cart is to be lost, after the order was placed.
await send("POST", `${stub}/_cartwright/faults`, { kind: "drop-after-commit", operation: "checkoutCart", cartId: cart.id });

const { answer: result, headers } = await send<CheckoutResult>("POST", `${api}/carts/${cart.id}/checkout`);
if (result.orderErrors?.length) fail(`an order group failed: ${JSON.stringify(result.orderErrors)}`); // inside a success, too
if (headers.get("Cartwright-Repeated") === "true") console.log("the first answer came again, nothing was bought twice");
const order = result.orders?.[0] ?? fail("there is no order");
console.log("order", order.id);

// Subscriptions come later. The stub need not be waited for: it provisions now what this customer has ordered.
await send("POST", `${stub}/_cartwright/provision?customerId=${customer}`);
let subscriptionId: string | undefined;
for (let tries = 0; tries < 10 && !subscriptionId; tries++) {
  if (tries > 0) await new Promise((resolve) => setTimeout(resolve, 1000));
  const { answer } = await send<Order>("GET", `${api}/orders/${order.id}`);
  subscriptionId = answer.lineItems[0]?.subscriptionId;
}
if (!subscriptionId) fail("the subscription does not come");
const { answer: subscription } = await send<Subscription>("GET", `${api}/subscriptions/${subscriptionId}`);
console.log("subscription", subscription.id, "is", subscription.status);
const { answer: orders } = await send<{ totalCount: number }>("GET", `${api}/orders`);
console.log(orders.totalCount, "order of this customer");

export {}; // it is a module, whose top level may wait
