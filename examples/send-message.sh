#!/usr/bin/env bash
# Sends a text to a chat and prints the queued message. The API key needs the scope `send`.
#
#   SYSZAP_URL=https://inbox.example.com SYSZAP_KEY=syszap_… ./send-message.sh CHAT_ID "Your order is on its way." order-4711
#
# The third argument names the cause of the message, such as an order. Run again with the same name, for example because the
# answer was lost, the script sends nothing twice.
set -euo pipefail

chat=${1:?the id of the chat}
text=${2:?the text}
cause=${3:?a name that is unique for this message}

# Node escapes the text. --retry repeats after timeouts, 429 and 5xx, and honours Retry-After.
node -p 'JSON.stringify({ body: process.argv[1] })' -- "$text" |
  curl --silent --show-error --fail-with-body --retry 5 --max-time 30 \
    --header "Authorization: Bearer ${SYSZAP_KEY:?the API key}" \
    --header "Content-Type: application/json" \
    --header "Idempotency-Key: $cause" \
    --data @- \
    "${SYSZAP_URL:?such as https://inbox.example.com}/v1/chats/$chat/messages"
