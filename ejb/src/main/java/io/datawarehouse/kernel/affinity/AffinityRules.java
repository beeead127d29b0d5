package io.datawarehouse.kernel.affinity;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which provider says what belongs together, by patterns of topics. Immutable.
 *
 * <p>Of several patterns that match, the most specific one wins: the one with more parts that are
 * names; among those the one with fewer {@code **}, then with more {@code *}; then the one that,
 * read from the left, has a name, or else a {@code *}, first where the other has not; and at last
 * the first in the alphabet. So the order in which rules are written says nothing.
 *
 * @param rules the most specific first, no pattern twice
 */
public record AffinityRules(List<Rule> rules) {

  /** The name of the setting, for errors. */
  public static final String FIELD = "affinity";

  /** How many there may be. */
  public static final int MOST = 100;

  private static final String NAME = "[a-z0-9][a-z0-9.-]{0,49}";
  private static final String ANY_PARTS = "**";
  private static final String ONE_PART = "*";

  /**
   * One rule. Immutable.
   *
   * @param pattern the topics that it is for
   * @param provider the name of the provider
   */
  public record Rule(TopicPattern pattern, String provider) {

    /** Checks the name; the error names the setting. */
    public Rule {
      if (!provider.matches(NAME)) {
        throw WarehouseException.invalid(
            FIELD, provider, "a provider's name is 1 to 50 of a-z, 0-9, '-' and '.'");
      }
    }

    private static Rule of(String pattern, String provider) {
      return new Rule(patternOf(pattern), provider);
    }

    private static TopicPattern patternOf(String text) {
      try {
        return TopicPattern.of(text);
      } catch (WarehouseException e) {
        throw WarehouseException.invalid(
            FIELD, text, "a pattern is topic parts, '*' or '**' joined by dots");
      }
    }

    private int count(String part) {
      return (int) parts().stream().filter(part::equals).count();
    }

    private int names() {
      return parts().size() - count(ANY_PARTS) - count(ONE_PART);
    }

    private List<String> parts() {
      return List.of(pattern.text().split("\\."));
    }

    /** One letter for each part, the most specific the smallest. */
    private String shape() {
      return parts().stream()
          .map(part -> part.equals(ANY_PARTS) ? "c" : part.equals(ONE_PART) ? "b" : "a")
          .collect(Collectors.joining());
    }
  }

  private static final Comparator<Rule> MOST_SPECIFIC_FIRST =
      Comparator.comparingInt(Rule::names)
          .reversed()
          .thenComparingInt(rule -> rule.count(ANY_PARTS))
          .thenComparingInt(rule -> -rule.count(ONE_PART))
          .thenComparing(Rule::shape)
          .thenComparing(rule -> rule.pattern().text());

  /** Made when the order is there. */
  private static final AffinityRules NONE = new AffinityRules(List.of());

  /** Sorts and checks; the error names the setting. */
  public AffinityRules {
    if (rules.size() > MOST) {
      throw WarehouseException.invalid(FIELD, rules.size() + " rules", "at most " + MOST);
    }
    rules = rules.stream().sorted(MOST_SPECIFIC_FIRST).toList();
    for (int i = 1; i < rules.size(); i++) {
      if (rules.get(i).pattern().equals(rules.get(i - 1).pattern())) {
        throw WarehouseException.invalid(
            FIELD, rules.get(i).pattern().text(), "the pattern is there twice");
      }
    }
  }

  /** Returns the rules of nobody: nothing belongs together. */
  public static AffinityRules none() {
    return NONE;
  }

  /**
   * Reads rules as they stand in configuration: {@code echo.**=session,jobs.*=tag}; an empty text
   * has none.
   *
   * @throws WarehouseException {@code INVALID_ARGUMENT} naming the setting and what is wrong
   */
  public static AffinityRules parse(String text) {
    if (text.isBlank()) {
      return NONE;
    }
    return new AffinityRules(
        List.of(text.split(",", -1)).stream()
            .map(
                one -> {
                  int equals = one.indexOf('=');
                  if (equals < 0) {
                    throw WarehouseException.invalid(
                        FIELD, one, "use PATTERN=PROVIDER, several with ',' between");
                  }
                  return Rule.of(
                      one.substring(0, equals).strip(), one.substring(equals + 1).strip());
                })
            .toList());
  }

  /** Reads rules as they stand in JSON: providers by pattern. Fails as {@link #parse} does. */
  public static AffinityRules of(Map<String, String> providers) {
    return new AffinityRules(
        providers.entrySet().stream()
            .map(entry -> Rule.of(entry.getKey(), entry.getValue()))
            .toList());
  }

  /** Returns the rule of a topic. */
  public Optional<Rule> ruleFor(Topic topic) {
    return rules.stream().filter(rule -> rule.pattern().matches(topic)).findFirst();
  }

  /** Returns the names of all providers that rules name, sorted. */
  public Set<String> providers() {
    Set<String> names = new TreeSet<>();
    rules.forEach(rule -> names.add(rule.provider()));
    return names;
  }

  /** Returns the providers by pattern, the most specific first. */
  public Map<String, String> byPattern() {
    Map<String, String> providers = new LinkedHashMap<>();
    rules.forEach(rule -> providers.put(rule.pattern().text(), rule.provider()));
    return providers;
  }

  /** Returns the text that {@link #parse} reads. */
  public String text() {
    return rules.stream()
        .map(rule -> rule.pattern().text() + "=" + rule.provider())
        .collect(Collectors.joining(","));
  }
}
