-- Each channel has a queue of its own, so that one which is stuck holds no other up.

CREATE INDEX outbox_by_channel ON outbox (channel, next_attempt_at, message_id)
    WHERE given_up_at IS NULL AND delivered_at IS NULL;
