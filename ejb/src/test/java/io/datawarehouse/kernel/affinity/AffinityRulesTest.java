package io.datawarehouse.kernel.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.affinity.AffinityRules.Rule;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AffinityRulesTest {

  /** From the most specific to the least; each one matches {@code a.b.c}. */
  private static final List<String> BY_RANK =
      List.of(
          "a.b.c", "a.b.*", "a.*.c", "*.b.c", "a.b.**", "a.**.c", "**.b.c", "a.*.*", "*.*.c",
          "a.*.**", "a.**", "**.c", "*.*.*", "**");

  private static Optional<String> providerOf(AffinityRules rules, String topic) {
    return rules.ruleFor(Topic.of(topic)).map(Rule::provider);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8})
  void mostSpecificPatternWinsWhateverTheOrderOfWriting(long seed) {
    List<Integer> ranks = new ArrayList<>();
    for (int i = 0; i < BY_RANK.size(); i++) {
      ranks.add(i);
    }
    Collections.shuffle(ranks, new Random(seed));
    for (int dropped = 0; dropped < BY_RANK.size(); dropped++) {
      int from = dropped;
      Map<String, String> written = new LinkedHashMap<>();
      ranks.stream()
          .filter(rank -> rank >= from)
          .forEach(rank -> written.put(BY_RANK.get(rank), "p" + rank));

      assertThat(providerOf(AffinityRules.of(written), "a.b.c"))
          .as("of %s, seed %d", written, seed)
          .contains("p" + dropped);
    }
  }

  @Test
  void topicsThatNoPatternMatchesHaveNoRule() {
    AffinityRules rules = AffinityRules.parse("echo.*=session");

    assertThat(providerOf(rules, "echo.ping")).contains("session");
    assertThat(providerOf(rules, "echo.a.b")).isEmpty();
    assertThat(providerOf(AffinityRules.none(), "echo.ping")).isEmpty();
  }

  @Test
  void textAndMapSayTheSame() {
    AffinityRules rules = AffinityRules.parse(" echo.** = session , jobs.*=tag,**=bucket");

    assertThat(rules.text()).isEqualTo("jobs.*=tag,echo.**=session,**=bucket");
    assertThat(AffinityRules.parse(rules.text())).isEqualTo(rules);
    assertThat(AffinityRules.of(rules.byPattern())).isEqualTo(rules);
    assertThat(rules.providers()).containsExactly("bucket", "session", "tag");
    assertThat(AffinityRules.parse("")).isEqualTo(AffinityRules.none());
    assertThat(AffinityRules.parse(AffinityRules.none().text())).isEqualTo(AffinityRules.none());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "echo.**| echo.**",
        "echo..a=session| echo..a",
        "=session| a pattern",
        "echo.*=| 1 to 50",
        "echo.*=Se ssion| Se ssion",
        "a=x,a=y| twice",
        "a=x,,b=y| PATTERN=PROVIDER"
      })
  void wrongRuleNamesTheSettingAndWhatIsWrong(String text, String told) {
    assertThatThrownBy(() -> AffinityRules.parse(text))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_ARGUMENT);
              assertThat(e.attributes()).containsEntry("field", "affinity");
            })
        .hasMessageStartingWith("affinity is")
        .hasMessageContaining(told);
  }

  @Test
  void thereIsALimitToRules() {
    Map<String, String> many = new LinkedHashMap<>();
    for (int i = 0; i < AffinityRules.MOST; i++) {
      many.put("topic-" + i, "tag");
    }
    assertThat(AffinityRules.of(many).rules()).hasSize(AffinityRules.MOST);

    many.put("one.more", "tag");
    assertThatThrownBy(() -> AffinityRules.of(many)).hasMessageContaining("101 rules");
  }
}
