package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.security.KeyProvider;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the provider of master keys is found, and whether it answered last time. Thread-safe.
 *
 * <p>A provider that did not answer is asked again, now and then, by whoever looks after its
 * health: a node that nobody sends requests to any more finds out all the same that it is back.
 */
public final class KeySource {

  /** How long a provider that did not answer is left in peace. */
  public static final Duration PAUSE = Duration.ofSeconds(5);

  private static final System.Logger LOG = System.getLogger(KeySource.class.getName());

  private final String name;
  private final Supplier<Optional<KeyProvider>> provider;
  private final Clock clock;
  private final Executor executor;
  private final AtomicLong nextLook = new AtomicLong();
  private volatile @Nullable String problem;

  /**
   * Makes a source.
   *
   * @param name what the provider is called in the configuration
   * @param provider finds it; a plugin's is there only while the plugin runs
   * @param clock the node's clock
   * @param executor asks a provider again that did not answer
   */
  public KeySource(
      String name, Supplier<Optional<KeyProvider>> provider, Clock clock, Executor executor) {
    this.name = name;
    this.provider = provider;
    this.clock = clock;
    this.executor = executor;
  }

  String name() {
    return name;
  }

  /** Asks the provider; whatever it throws that is not its own error is {@code KEY_UNAVAILABLE}. */
  <T> T ask(Function<KeyProvider, T> question) {
    try {
      T answer = question.apply(provider.get().orElseThrow(this::missing));
      answered();
      return answer;
    } catch (WarehouseException e) {
      if (e.code() == StandardErrorCode.KEY_UNAVAILABLE) {
        failed(e.detail());
      }
      throw e;
    } catch (RuntimeException e) {
      String reason =
          "provider of keys '%s' failed with %s".formatted(name, e.getClass().getSimpleName());
      failed(reason);
      throw new WarehouseException(StandardErrorCode.KEY_UNAVAILABLE, reason, e);
    }
  }

  private WarehouseException missing() {
    return new WarehouseException(
        StandardErrorCode.KEY_UNAVAILABLE, "provider of keys '" + name + "' is not running");
  }

  private void answered() {
    if (problem != null) {
      problem = null;
      LOG.log(System.Logger.Level.INFO, "provider of keys {0} answers again", name);
    }
  }

  private void failed(String reason) {
    if (problem == null) {
      LOG.log(
          System.Logger.Level.WARNING, "provider of keys {0} does not serve: {1}", name, reason);
    }
    problem = reason;
    nextLook.set(clock.millis() + PAUSE.toMillis());
  }

  /** Returns why the provider did not answer last time; quick, and asks again beside it. */
  Optional<String> problem() {
    Optional<String> present = Optional.ofNullable(problem);
    long due = nextLook.get();
    long now = clock.millis();
    if (present.isPresent() && now >= due && nextLook.compareAndSet(due, now + PAUSE.toMillis())) {
      lookAgain();
    }
    return present;
  }

  private void lookAgain() {
    try {
      executor.execute(
          () -> {
            try {
              ask(KeyProvider::masterKeys);
            } catch (WarehouseException e) {
              // It is remembered: the next look tells.
              LOG.log(System.Logger.Level.DEBUG, () -> "keys are still unavailable", e);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "no thread to look after the keys", e);
    }
  }
}
