package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.kernel.PluginConfig;
import io.datawarehouse.sdk.plugin.Plugin;
import java.time.Duration;

/**
 * The provider {@link BySession}; {@code header} names the header, {@code stickiness}, {@code idle}
 * and {@code most-keys} say how sessions stay.
 */
@Plugin
public class BySessionPlugin extends PureAffinityPlugin {

  private static final String PINNED = "pinned";
  private static final String BY_HASH = "by-hash";
  private static final int MOST_KEYS = 10_000_000;

  /** Makes the plugin; the settings are read when it is started. */
  public BySessionPlugin() {
    super(
        "By session",
        new BySession(
            BySession.USUAL_HEADER,
            new Stickiness.Pinned(BySession.USUAL_IDLE, BySession.USUAL_MOST)));
  }

  @Override
  protected void onStart() {
    become(new BySession(nameSetting("header", BySession.USUAL_HEADER), read(context().config())));
  }

  private Stickiness read(PluginConfig config) {
    Duration idle = config.duration("idle", BySession.USUAL_IDLE);
    if (idle.isZero() || idle.isNegative()) {
      throw invalid("idle", idle, "must be more than zero");
    }
    int most = (int) config.number("most-keys", BySession.USUAL_MOST, 1, MOST_KEYS);
    String wanted = config.text("stickiness", PINNED);
    return switch (wanted) {
      case PINNED -> new Stickiness.Pinned(idle, most);
      case BY_HASH -> new Stickiness.ByHash();
      default -> throw invalid("stickiness", wanted, "use " + PINNED + " or " + BY_HASH);
    };
  }
}
