package io.datawarehouse.kernel.deadletter;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageId;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.PayloadCodec;
import io.datawarehouse.sdk.message.Topic;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The dead letters of a {@link DeadLetterStore}, with a way to send them again. Thread-safe. */
public final class DurableDeadLetterOffice implements DeadLetterOffice {

  /** Sends dead letters again: the bus, seen from here. */
  public interface Redelivery {
    /** Sends a command again. */
    CompletionStage<Void> resend(Message command);

    /** Delivers an event again to one subscriber. */
    CompletionStage<Void> redeliver(Message event, String subscriber);
  }

  private final DeadLetterStore store;
  private final Redelivery redelivery;
  private final PayloadCodec codec;
  private final Clock clock;
  private final Set<String> beingRetried = ConcurrentHashMap.newKeySet();

  /** Opens the office over a store and a bus. */
  public DurableDeadLetterOffice(
      DeadLetterStore store, Redelivery redelivery, PayloadCodec codec, Clock clock) {
    this.store = store;
    this.redelivery = redelivery;
    this.codec = codec;
    this.clock = clock;
  }

  @Override
  public DeadLetterPage list(Optional<String> after, int limit) {
    return store.list(after, limit);
  }

  @Override
  public Optional<DeadLetter> find(String id) {
    return store.find(id);
  }

  @Override
  public long size() {
    return store.size();
  }

  @Override
  public boolean delete(String id) {
    return store.delete(id);
  }

  @Override
  public CompletionStage<Void> retry(String id) {
    if (!beingRetried.add(id)) {
      return CompletableFuture.failedFuture(
          new WarehouseException(
              StandardErrorCode.UNAVAILABLE, "dead letter '" + id + "' is being sent already"));
    }
    CompletionStage<Void> retried;
    try {
      retried = find(id).map(this::sendAndSettle).orElseGet(() -> missing(id));
    } catch (RuntimeException e) {
      retried = CompletableFuture.failedFuture(e);
    }
    return retried.whenComplete((done, thrown) -> beingRetried.remove(id));
  }

  private CompletionStage<Void> sendAndSettle(DeadLetter letter) {
    return send(letter).handle((done, thrown) -> settle(letter, thrown));
  }

  private static CompletionStage<Void> missing(String id) {
    return CompletableFuture.failedFuture(
        new WarehouseException(
            StandardErrorCode.NOT_FOUND, "there is no dead letter '" + id + "'"));
  }

  private CompletionStage<Void> send(DeadLetter letter) {
    Message.Builder message =
        Message.of(
                letter.kind(),
                Topic.of(letter.topic()),
                Payload.encoded(letter.contentType(), letter.payload(), codec))
            .identity(MessageId.parse(letter.messageId()), MessageId.parse(letter.correlationId()))
            .headers(letter.headers());
    letter.trace().ifPresent(message::trace);
    letter.affinityKey().ifPresent(message::affinityKey);
    return letter.subscriber().isPresent()
        ? redelivery.redeliver(message.build(), letter.subscriber().get())
        : redelivery.resend(message.build());
  }

  private @Nullable Void settle(DeadLetter letter, @Nullable Throwable thrown) {
    if (thrown == null) {
      delete(letter.id());
      return null;
    }
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    WarehouseException why =
        cause instanceof WarehouseException known
            ? known
            : new WarehouseException(
                StandardErrorCode.INTERNAL_ERROR, "sending again failed", cause);
    store.update(again(letter, why));
    throw why;
  }

  private DeadLetter again(DeadLetter letter, WarehouseException why) {
    return new DeadLetter(
        letter.id(),
        letter.messageId(),
        letter.topic(),
        letter.kind(),
        letter.subscriber(),
        why.code().name(),
        why.detail(),
        clock.instant(),
        letter.attempts() + 1,
        letter.affinityKey(),
        letter.correlationId(),
        letter.trace(),
        letter.headers(),
        letter.contentType(),
        letter.payload());
  }
}
