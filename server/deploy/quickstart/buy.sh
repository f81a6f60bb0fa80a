#!/bin/sh
# Buys one licence from the stub with curl, and loses an answer on the way:
#
#   sh buy.sh [http://127.0.0.1:8080]
set -eu
stub=${1:-http://127.0.0.1:8080}
guid() { uuidgen 2>/dev/null || cat /proc/sys/kernel/random/uuid; }
# field NAME JSON: the first text of this name.
field() { printf '%s' "$2" | grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

# Every answer of the stub says so. Partner Center's does not, and there orders cost money.
curl -sS -D - -o /dev/null "$stub/livez" | grep -qi '^X-Cartwright:' || { echo "$stub is not the stub" >&2; exit 1; }

customer=$(guid) # every GUID is a customer
api=$stub/v1/customers/$customer
headers=$(mktemp)
trap 'rm -f "$headers"' EXIT

# send METHOD URL [BODY]: asks once, and as long as there is no answer the same again. The MS-RequestId stays the same, by
# which the service knows what it has done already.
send() {
    request=$(guid)
    for try in 1 2 3; do
        code=0
        answer=$(curl -sSf -D "$headers" -X "$1" "$2" -H 'Authorization: Bearer any' -H "MS-RequestId: $request" \
            -H 'Content-Type: application/json' ${3:+--data "$3"}) || code=$?
        case $code in
        0) return ;;
        22) echo "$1 $2 was refused" >&2; exit 1 ;;
        esac
        echo "no answer: the same request again"
    done
    echo "$1 $2 has no answer" >&2
    exit 1
}

send POST "$api/carts" '{"lineItems":[{"catalogItemId":"CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5","quantity":1,"billingCycle":"monthly","termDuration":"P1Y"}]}'
case $answer in *'"error":'*) echo "a line is in error: $answer" >&2; exit 1 ;; esac # inside a success
cart=$(field id "$answer")
echo "cart $cart"

# The answer to the next checkout of this cart is to be lost, after the order was placed.
curl -sSf -o /dev/null "$stub/_cartwright/faults" -H 'Content-Type: application/json' \
    --data "{\"kind\":\"drop-after-commit\",\"operation\":\"checkoutCart\",\"cartId\":\"$cart\"}"

send POST "$api/carts/$cart/checkout"
case $answer in *'"orderErrors":'*) echo "an order group failed: $answer" >&2; exit 1 ;; esac # inside a success, too
if grep -qi '^Cartwright-Repeated: true' "$headers"; then echo "the first answer came again, nothing was bought twice"; fi
order=$(printf '%s' "$answer" | sed 's/.*"orders":\[//' | grep -o '"id":"[^"]*"' | head -n 1 | cut -d '"' -f 4)
echo "order $order"

# Subscriptions come later. The stub need not be waited for: it provisions now what this customer has ordered.
curl -sSf -o /dev/null -X POST "$stub/_cartwright/provision?customerId=$customer"
subscription=
for try in 1 2 3 4 5 6 7 8 9 10; do
    send GET "$api/orders/$order"
    subscription=$(field subscriptionId "$answer")
    if [ -n "$subscription" ]; then break; fi
    sleep 1
done
if [ -z "$subscription" ]; then echo "the subscription does not come" >&2; exit 1; fi
send GET "$api/subscriptions/$subscription"
echo "subscription $subscription is $(field status "$answer")"
send GET "$api/orders"
echo "$(printf '%s' "$answer" | grep -o '"totalCount":[0-9]*' | cut -d : -f 2) order of this customer"
