# Buys one licence from the stub with PowerShell (Windows' own 5.1, or 7), and loses an answer on the way:
#
#   powershell -ExecutionPolicy Bypass -File buy.ps1 [http://127.0.0.1:8080]
param([string]$Stub = 'http://127.0.0.1:8080')
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$customer = [guid]::NewGuid() # every GUID is a customer
$api = "$Stub/v1/customers/$customer"

# Asks once, and as long as there is no answer the same again. The MS-RequestId stays the same, by which the service knows
# what it has done already.
function Send([string]$Method, [string]$Url, $Body) {
    $request = @{
        Method          = $Method
        Uri             = $Url
        Headers         = @{ Authorization = 'Bearer any'; 'MS-RequestId' = [string][guid]::NewGuid() }
        ContentType     = 'application/json'
        UseBasicParsing = $true
    }
    if ($null -ne $Body) { $request.Body = ConvertTo-Json $Body -Depth 10 }
    foreach ($try in 1..3) {
        try {
            $response = Invoke-WebRequest @request
            return @{ Answer = ConvertFrom-Json $response.Content; Headers = $response.Headers }
        } catch {
            if ($_.Exception.Response) { throw } # it was refused, which is an answer
            Write-Host 'no answer: the same request again'
        }
    }
    throw "$Method $Url has no answer"
}

# Every answer of the stub says so. Partner Center's does not, and there orders cost money.
if (-not (Invoke-WebRequest "$Stub/livez" -UseBasicParsing).Headers['X-Cartwright']) { throw "$Stub is not the stub" }

$line = @{ catalogItemId = 'CFQ7TTC0LF8S:0001:CFQ7TTC0VZW5'; quantity = 1; billingCycle = 'monthly'; termDuration = 'P1Y' }
$cart = (Send POST "$api/carts" @{ lineItems = @($line) }).Answer
foreach ($line in $cart.lineItems) {
    if ($line.error) { throw "a line is in error: $($line.error.errorDescription)" } # inside a success
}
Write-Host "cart $($cart.id)"

# The answer to the next checkout of this cart is to be lost, after the order was placed.
$null = Send POST "$Stub/_cartwright/faults" @{ kind = 'drop-after-commit'; operation = 'checkoutCart'; cartId = $cart.id }

$checkout = Send POST "$api/carts/$($cart.id)/checkout"
if ($checkout.Answer.orderErrors) { throw "an order group failed: $(ConvertTo-Json $checkout.Answer.orderErrors)" } # inside a success, too
if ($checkout.Headers['Cartwright-Repeated']) { Write-Host 'the first answer came again, nothing was bought twice' }
$order = @($checkout.Answer.orders)[0]
Write-Host "order $($order.id)"

# Subscriptions come later. The stub need not be waited for: it provisions now what this customer has ordered.
$null = Send POST "$Stub/_cartwright/provision?customerId=$customer"
foreach ($try in 1..10) {
    $subscriptionId = @((Send GET "$api/orders/$($order.id)").Answer.lineItems)[0].subscriptionId
    if ($subscriptionId) { break }
    Start-Sleep -Seconds 1
}
if (-not $subscriptionId) { throw 'the subscription does not come' }
$subscription = (Send GET "$api/subscriptions/$subscriptionId").Answer
Write-Host "subscription $($subscription.id) is $($subscription.status)"
Write-Host "$((Send GET "$api/orders").Answer.totalCount) order of this customer"
