package io.datawarehouse.kernel.trust;

import io.datawarehouse.kernel.audit.HarmlessText;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What those must know who account for the cluster's safety: told in the log under {@value
 * #LOGGER}, and the latest kept to be shown. Thread-safe; never blocks for long.
 *
 * <p>Whoever can reach a port can cause news, so no kind of news can fill the log or push all else
 * out of memory: of each kind only so many lines a minute are written, the next one tells how many
 * were not; and what is the same from the same host is kept once, with how often it came. Text from
 * outside is shortened and loses what could pass for another line.
 */
public final class AuditLog {

  /** The name of the log. */
  public static final String LOGGER = "io.datawarehouse.audit";

  /** Who did what nobody asked this node for. */
  public static final String KERNEL = "kernel";

  private static final System.Logger LOG = System.getLogger(LOGGER);
  private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");
  private static final int LONGEST_TEXT = 200;
  private static final int MOST_KINDS = 32;
  private static final long MINUTE_MILLIS = 60_000;

  /**
   * How much is told and kept.
   *
   * @param mostEntries how many different news are kept, 1 to 10,000
   * @param linesPerMinute how many lines a kind of news may have a minute, 1 to 10,000
   */
  public record Options(int mostEntries, int linesPerMinute) {

    /** Checks; the error names the field. */
    public Options {
      requireBetween("mostEntries", mostEntries);
      requireBetween("linesPerMinute", linesPerMinute);
    }

    /** Returns what is usual: 256 entries, 30 lines a minute. */
    public static Options standard() {
      return new Options(256, 30);
    }

    private static void requireBetween(String field, int value) {
      if (value < 1 || value > 10_000) {
        throw new IllegalArgumentException(field + " is " + value + ", use 1 to 10000");
      }
    }
  }

  /**
   * Some news. Immutable.
   *
   * @param what the kind of news
   * @param from where it came from, as far as that is known; of what was done, who did it
   * @param reason what happened and to what, in words; holds no secret
   * @param first when it came for the first time
   * @param last when it came for the last time
   * @param times how often it came
   */
  public record Entry(
      String what, String from, String reason, Instant first, Instant last, long times) {

    private Entry again(Instant now) {
      return new Entry(what, from, reason, first, now, times + 1);
    }
  }

  /** Hears what is told. */
  @FunctionalInterface
  public interface Listener {

    /**
     * Takes news; called where they get a line in the log, and as seldom.
     *
     * @param refused whether something was refused; else it was done
     * @param from where it came from; of what was done, who did it
     * @param target to what it was done; empty where something was refused
     */
    void told(boolean refused, String what, String from, String target, String reason);
  }

  /** What makes two pieces of news the same. */
  private record Sameness(String what, String host, String reason) {}

  /** How many lines a kind of news may still have. */
  private static final class Allowance {
    long sinceMillis;
    int used;
    long untold;
  }

  private final Clock clock;
  private final Options options;
  private final Listener listener;
  // Guarded by this, as the next two.
  private final Map<Sameness, Entry> entries = new HashMap<>();
  private final Deque<Sameness> order = new ArrayDeque<>();
  private final Map<String, Allowance> allowances = new HashMap<>();

  /** Makes an empty log. */
  public AuditLog(Clock clock, Options options) {
    this(clock, options, (refused, what, from, target, reason) -> {});
  }

  /**
   * Makes an empty log.
   *
   * @param listener hears what is told as well
   */
  public AuditLog(Clock clock, Options options, Listener listener) {
    this.clock = clock;
    this.options = options;
    this.listener = listener;
  }

  /**
   * Tells that something was changed or done.
   *
   * @param what the kind of news: one of a few fixed words
   * @param by who did it: a node, or {@link #KERNEL}
   * @param target to what
   * @param reason what happened, in words; no secret; may be empty
   */
  public void done(String what, String by, String target, String reason) {
    tell(System.Logger.Level.INFO, what, by, target, reason);
  }

  /**
   * Tells that something was refused.
   *
   * @param what the kind of news: one of a few fixed words
   * @param from where it came from, in any form
   * @param reason why, in words; no secret
   */
  public void refused(String what, String from, String reason) {
    tell(System.Logger.Level.WARNING, what, from, "", reason);
  }

  private void tell(
      System.Logger.Level level, String what, String from, String target, String reason) {
    String place = HarmlessText.of(from, LONGEST_TEXT);
    String on = HarmlessText.of(target, LONGEST_TEXT);
    String happened = HarmlessText.of(reason, LONGEST_TEXT);
    String why = on.isEmpty() || happened.isEmpty() ? on + happened : on + ": " + happened;
    long untold = keep(what, place, why);
    if (untold >= 0) {
      LOG.log(
          level,
          "{0}: {1} (from {2}){3}",
          what,
          why,
          place,
          untold == 0 ? "" : "; " + untold + " more before it were not told");
      listener.told(level == System.Logger.Level.WARNING, what, place, on, happened);
    }
  }

  /** Returns what is kept, the latest first. */
  public synchronized List<Entry> recent() {
    return entries.values().stream()
        .sorted((one, other) -> other.last().compareTo(one.last()))
        .toList();
  }

  /** Keeps news; returns how many before it got no line, or -1 if this one gets none either. */
  private synchronized long keep(String what, String place, String why) {
    Instant now = clock.instant();
    Allowance allowance = allowanceOf(what, now.toEpochMilli());
    boolean told = allowance.used < options.linesPerMinute();
    Sameness sameness = new Sameness(what, PORT.matcher(place).replaceFirst(""), why);
    Entry known = entries.get(sameness);
    if (known != null) {
      entries.put(sameness, known.again(now));
    } else if (told) {
      add(sameness, new Entry(what, place, why, now, now, 1));
    }
    if (!told) {
      allowance.untold++;
      return -1;
    }
    allowance.used++;
    long untold = allowance.untold;
    allowance.untold = 0;
    return untold;
  }

  private void add(Sameness sameness, Entry entry) {
    if (order.size() == options.mostEntries()) {
      entries.remove(order.removeFirst());
    }
    order.addLast(sameness);
    entries.put(sameness, entry);
  }

  private Allowance allowanceOf(String what, long now) {
    if (allowances.size() >= MOST_KINDS && !allowances.containsKey(what)) {
      throw new IllegalArgumentException("too many kinds of news, the last is " + what);
    }
    Allowance allowance = allowances.computeIfAbsent(what, kind -> new Allowance());
    if (Math.abs(now - allowance.sinceMillis) >= MINUTE_MILLIS) {
      allowance.sinceMillis = now;
      allowance.used = 0;
    }
    return allowance;
  }
}
