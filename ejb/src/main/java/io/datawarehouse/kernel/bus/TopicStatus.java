package io.datawarehouse.kernel.bus;

import java.util.List;
import java.util.Optional;

/**
 * A topic as operators see it. Immutable.
 *
 * @param topic its name
 * @param handler who handles its commands and queries: a plugin's id, or {@code kernel}
 * @param subscribers who hears its events
 * @param delivered how many messages were delivered since the start
 * @param failed how many deliveries failed
 * @param inFlight how many messages are being handled or wait
 * @param ratePerSecond deliveries a second, averaged over about a minute
 */
public record TopicStatus(
    String topic,
    Optional<String> handler,
    List<String> subscribers,
    long delivered,
    long failed,
    long inFlight,
    double ratePerSecond) {}
