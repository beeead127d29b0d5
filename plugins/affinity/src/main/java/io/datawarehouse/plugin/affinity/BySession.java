package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.message.Message;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Messages of one session belong together; a header says which it is. Immutable. */
public final class BySession implements AffinityProvider {

  /** The name by which rules select it. */
  public static final String NAME = "session";

  /** The header where nobody names another. */
  public static final String USUAL_HEADER = "dw-session";

  /** How long a session is remembered without a message, where nobody says. */
  public static final Duration USUAL_IDLE = Duration.ofMinutes(30);

  /** How many sessions are remembered, where nobody says. */
  public static final int USUAL_MOST = 100_000;

  private final String header;
  private final Stickiness stickiness;

  /**
   * Makes a provider.
   *
   * @param header the name of the header, whatever its case
   * @param stickiness how a session stays with its node
   */
  public BySession(String header, Stickiness stickiness) {
    this.header = header.toLowerCase(Locale.ROOT);
    this.stickiness = stickiness;
  }

  @Override
  public String affinityName() {
    return NAME;
  }

  @Override
  public @Nullable String keyOf(Message message) {
    return Subject.header(message, header);
  }

  @Override
  public Stickiness stickiness() {
    return stickiness;
  }
}
