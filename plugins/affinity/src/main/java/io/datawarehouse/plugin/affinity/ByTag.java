package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.message.Message;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Messages with the same value of one tag belong together: the header of that name, or else the tag
 * of that name of the blob that the message is about. Immutable.
 */
public final class ByTag implements AffinityProvider {

  /** The name by which rules select it. */
  public static final String NAME = "tag";

  /** The tag where nobody names another. */
  public static final String USUAL_TAG = "dw-tag";

  private static final Stickiness BY_HASH = new Stickiness.ByHash();

  private final String tag;
  private final String header;

  /**
   * Makes a provider.
   *
   * @param tag the name of the tag; as a header it is the same whatever its case
   */
  public ByTag(String tag) {
    this.tag = tag;
    this.header = tag.toLowerCase(Locale.ROOT);
  }

  @Override
  public String affinityName() {
    return NAME;
  }

  @Override
  public @Nullable String keyOf(Message message) {
    String value = Subject.header(message, header);
    return value == null ? Subject.tag(message, tag) : value;
  }

  @Override
  public Stickiness stickiness() {
    return BY_HASH;
  }
}
