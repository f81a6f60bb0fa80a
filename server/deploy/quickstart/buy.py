"""Buys one licence from the stub with Python's standard library, and loses an answer on the way:

    python3 buy.py [http://127.0.0.1:8080]
"""

import json
import sys
import time
import urllib.error
import urllib.request
import uuid

STUB = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
CUSTOMER = uuid.uuid4()  # every GUID is a customer
API = f"{STUB}/v1/customers/{CUSTOMER}"


def send(method, url, body=None):
    """Asks once, and as long as there is no answer the same again. The MS-RequestId stays the same, by which the service
    knows what it has done already. Gives the answer's JSON and its headers."""
    request = urllib.request.Request(
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer any", "MS-RequestId": str(uuid.uuid4()), "Content-Type": "application/json"},
    )
    for _ in range(3):
        try:
            with urllib.request.urlopen(request) as response:
                return json.loads(response.read() or "null"), response.headers
        except urllib.error.HTTPError as refused:  # an answer, too
            sys.exit(f"{method} {url}: {refused.code} {refused.read().decode()}")
        except OSError:
            print("no answer: the same request again")
    sys.exit(f"{method} {url} has no answer")


# Every answer of the stub says so. Partner Center's does not, and there orders cost money.
with urllib.request.urlopen(f"{STUB}/livez") as alive:
    if "X-Cartwright" not in alive.headers:
        sys.exit(f"{STUB} is not the stub")

line = {"catalogItemId": "CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5", "quantity": 1, "billingCycle": "monthly", "termDuration": "P1Y"}
cart, _ = send("POST", f"{API}/carts", {"lineItems": [line]})
for line in cart["lineItems"]:
    if "error" in line:  # inside a success
        sys.exit(f"a line is in error: {line['error']}")
print("cart", cart["id"])

# The answer to the next checkout of this cart is to be lost, after the order was placed.
send("POST", f"{STUB}/_cartwright/faults", {"kind": "drop-after-commit", "operation": "checkoutCart", "cartId": cart["id"]})

result, headers = send("POST", f"{API}/carts/{cart['id']}/checkout")
if result.get("orderErrors"):  # inside a success, too
    sys.exit(f"an order group failed: {result['orderErrors']}")
if headers["Cartwright-Repeated"] == "true":
    print("the first answer came again, nothing was bought twice")
order = result["orders"][0]
print("order", order["id"])

# Subscriptions come later. The stub need not be waited for: it provisions now what this customer has ordered.
send("POST", f"{STUB}/_cartwright/provision?customerId={CUSTOMER}")
for _ in range(10):
    order, _ = send("GET", f"{API}/orders/{order['id']}")
    if order["lineItems"][0].get("subscriptionId"):
        break
    time.sleep(1)
else:
    sys.exit("the subscription does not come")
subscription, _ = send("GET", f"{API}/subscriptions/{order['lineItems'][0]['subscriptionId']}")
print("subscription", subscription["id"], "is", subscription["status"])
orders, _ = send("GET", f"{API}/orders")
print(orders["totalCount"], "order of this customer")
