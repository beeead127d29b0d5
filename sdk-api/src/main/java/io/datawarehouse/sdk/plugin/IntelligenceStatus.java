package io.datawarehouse.sdk.plugin;

import io.datawarehouse.sdk.message.Topic;
import java.util.List;

/**
 * What an intelligence plugin says of itself, in answer to the query {@link #TOPIC}, whose payload
 * is empty. Nobody answering means that there is none. Immutable.
 *
 * @param available whether it can be asked for something now
 * @param abilities names of what it can do, for example {@code classify}; may be empty
 * @since 0.1
 */
public record IntelligenceStatus(boolean available, List<String> abilities) {

  /** Where it is asked. The one plugin that handles it is the intelligence of the warehouse. */
  public static final Topic TOPIC = Topic.of("intelligence.status");

  /** Copies. */
  public IntelligenceStatus {
    abilities = List.copyOf(abilities);
  }
}
