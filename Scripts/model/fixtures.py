#!/usr/bin/env python3
"""Writes the fixtures that the encoder is compared with, by running the reference implementation once.

    fixtures.py MODEL_FOLDER OUTPUT_FOLDER

MODEL_FOLDER is the `model` folder of the wheel that setup.sh fetches; needs sentence-transformers and numpy, which
no test needs. Writes
    sentences.json   200 texts of up to 256 word pieces
    sentences.bin    for each, 384 int8 numbers: the reference's vector, rounded
    pieces.json      1,000 texts with the word pieces that the reference cuts them into
"""

import json
import random
import sys
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

QUESTIONS = """
How do I reset my password?|Where can I see the invoices of last month?|What does error 429 mean?
Is there a limit on the size of an upload?|Why was my card declined twice?|Can I change the owner of a workspace?
What is the difference between a thread and a process?|Who wrote the first compiler?|When does daylight saving end?
How long does milk keep in the fridge?|Which planet has the most moons?|Do I need a visa for a stopover in Doha?
Convert 100 USD to EUR.|Convert 100 EUR to USD.|What is 17 times 23?|Translate 'good evening' into Portuguese.
Summarise the meeting in three bullet points.|Write a polite reminder about an unpaid bill.|yes|Thanks!|ok, go on
How far is the moon?|How far is the sun?|Does aspirin thin the blood?|Does aspirin not thin the blood?
Explain photosynthesis to a child.|Give me a recipe for lentil soup without onions.|What's the capital of Australia?
Is it safe to mix bleach and vinegar?|How can I mount a USB stick on Linux?|Delete all files older than 30 days.
Book a table for four at 7 pm on Friday.|Cancel my subscription, please.|Renew my subscription, please.
Who is responsible for the deployment on 2024-03-01?|How many litres are in a gallon?|Name three rivers in Poland.
What time is it in Tokyo when it is noon in Lima?|Should I water a cactus every day?|Are tomatoes a fruit?
Which licence lets me use the code in a closed product?|What is the melting point of tin in °C?|Hi|?|a
"""

CODE = """
SELECT name, count(*) FROM orders WHERE total > 100 GROUP BY name ORDER BY 2 DESC;
for (int i = 0; i < n; i++) { sum += a[i] * b[i]; }
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
curl -X POST https://example.com/v1/items -H 'content-type: application/json' -d '{"a": [1, 2, 3]}'
Traceback (most recent call last): File "main.py", line 12, in <module> KeyError: 'user_id'
git rebase --onto main feature~3 feature && git push --force-with-lease
<div class="row"><span id="x">Total: 12,50 EUR</span></div>
let total = prices.filter { $0 > 0 }.reduce(0, +)
"""

OTHER = """
¿Dónde está la biblioteca más cercana?|Wie kündige ich meinen Vertrag zum Monatsende?|Où est passée la réunion d'hier ?
Как сбросить пароль?|如何退款|パスワードを忘れました|비밀번호를 잊어버렸어요|كيف ألغي الاشتراك؟|सदस्यता कैसे रद्द करें
Çok teşekkür ederim, İstanbul'a ne zaman varırız?|Źdźbło żółtej trawy w słońcu.|naïve café façade coöperate
Τι ώρα κλείνει το μουσείο;|👍🏽|Great job 🎉🎉, see you at 5️⃣ pm|שלום, מה שלומך?|Cảm ơn bạn rất nhiều
price: 5 € – 10 £ — or ¥1,000…|“curly quotes” and ‘single’ ones|x² + y² ≠ z³ ⇒ ∅|ＦＵＬＬ　ｗｉｄｔｈ
"""

SUBJECTS = ["the backup server", "our pricing page", "a small garden", "the night train", "an old camera", "the release",
            "my grandmother's recipe", "the customs form", "a mountain lake", "the payment service"]
ACTIONS = ["failed without a warning", "was renewed in March", "needs more light than we thought", "is late again",
           "cannot be repaired", "went live on Tuesday", "asks for too many eggs", "must be signed twice",
           "freezes in November", "charged two customers twice"]
FOLLOW = ["Nobody noticed until the morning.", "We should tell the others before they ask.",
          "The second attempt took 45 minutes and 3 people.", "What would you do next, and in which order?",
          "It is cheaper to replace it than to wait.", "According to the log, it happened at 03:12 UTC.",
          "Please do not change anything else for now.", "There are photographs, but they are blurred.",
          "I could not find the reason in the documentation.", "Version 2.14.1 behaves differently from 2.13."]


def sentences() -> list[str]:
    draw = random.Random(20)
    texts = [t.strip() for block in (QUESTIONS, OTHER) for line in block.strip().splitlines() for t in line.split("|")]
    texts += CODE.strip().splitlines()
    sizes = [1] * 40 + [2] * 25 + [3] * 20 + [5] * 15 + [8] * 10 + [11] * 6
    for size in sizes:
        parts = []
        for _ in range(size):
            parts.append(f"{draw.choice(SUBJECTS).capitalize()} {draw.choice(ACTIONS)}.")
            if size > 1:
                parts.append(draw.choice(FOLLOW))
        texts.append(" ".join(parts))
    seen, kept = set(), []
    for text in texts:
        if text and text not in seen:
            seen.add(text)
            kept.append(text)
    while len(kept) < 200:
        text = f"{draw.choice(FOLLOW)} {draw.choice(SUBJECTS).capitalize()} {draw.choice(ACTIONS)}."
        if text not in seen:
            seen.add(text)
            kept.append(text)
    return kept[:200]


# Ranges of assigned characters that have long been in Unicode, so that the reference's tables know them.
RANGES = [
    (0x20, 0x7E), (0x20, 0x7E), (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x17F), (0x180, 0x24F), (0x250, 0x2AF),
    (0x300, 0x36F), (0x391, 0x3A1), (0x3A3, 0x3CE), (0x400, 0x45F), (0x531, 0x556), (0x5D0, 0x5EA), (0x5B0, 0x5BD),
    (0x621, 0x64A), (0x64B, 0x655), (0x904, 0x939), (0x93C, 0x94D), (0xE01, 0xE3A), (0xE40, 0xE4E), (0x10A0, 0x10C5),
    (0x10D0, 0x10F0), (0x1100, 0x1112), (0x1E00, 0x1EF9), (0x1F00, 0x1F15), (0x2000, 0x200F), (0x2010, 0x2027),
    (0x202A, 0x202E), (0x2030, 0x205E), (0x2070, 0x2071), (0x2080, 0x208E), (0x20A0, 0x20B9), (0x2100, 0x214F),
    (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x257F), (0x2600, 0x26FF), (0x3000, 0x303F),
    (0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FBB), (0x4E00, 0x9FBB), (0xAC00, 0xD7A3), (0xE000, 0xE010),
    (0xF900, 0xFA2D), (0xFB00, 0xFB06), (0xFE00, 0xFE0F), (0xFE30, 0xFE4F), (0xFF01, 0xFFEE), (0x1D400, 0x1D454),
    (0x1F300, 0x1F5FF), (0x1F600, 0x1F64F), (0x20000, 0x20010), (0x2F800, 0x2F810), (0x09, 0x0D), (0x00, 0x1F),
    (0x7F, 0x9F), (0xFFFD, 0xFFFD), (0xFEFF, 0xFEFF), (0xAD, 0xAD),
]
HARD = [
    "", " ", "\t\n\r ", "\u00a0\u2003\u3000", "a\u0000b\ufffdc\u200dd\u00ade", "e\u0301 é E\u0301 É", "ﬁn ﬂow ﬃ",
    "İıIiſK Å Ω", "ẞ ß SS", "ǅ ǆ Ǆ", "Σ ΑΣ ΑΣ. σς", "가 각 갂 ᄀ\u1161", "が ガ か\u3099 ぱ", "豈 更 車", "中文，标点。！",
    "a-b_c.d,e;f:g!h?i'j\"k", "don't can't I'll", "3.14 1,000 1e-5 0x1F", "C++ C# .NET f(x)=y", "user@example.com",
    "http://a.b/c?d=e&f=g#h", "#hashtag @name $5 50% ^~`|\\{}[]<>", "x" * 99, "x" * 100, "x" * 101, "é" * 100,
    "é" * 101, "中" * 5, "unaffable unbelievableness", "##ing ## #", "🏳️‍🌈 👩‍💻 🇩🇪", "\u202eabc\u202c", "ก็ ไม่ เป็น ไร",
    "क्षत्रिय हिन्दी", "ﷺ ﷲ", "שָׁלוֹם", "Ǖ ǘ Ṩ ṩ ậ Ậ", "①②③ ⅷ Ⅷ ½ ¾", "ℵ ℏ ™ ® ©", "\u0085 \u2028 \u2029 \u1680",
    "\ufeffbom", "a\u0300\u0301\u0302b", "`` '' «» ‹› „“ ‚‘", "—–-‐‑‒", "…⋯", "\u00b7 \u00b4 \u00a8 \u00b8",
    "🙂", "🫠", "a🙂b", "\ue000private", "\U000e0041tag", "ʻokina ʼ ˈ", "ꜱᴍᴀʟʟ ᴄᴀᴘꜱ", "Ⓐⓑ 🅰 𝐀𝓫", "̈", "İ" * 3,
]


def mixed(draw: random.Random, vocabulary: list[str]) -> str:
    parts = []
    for _ in range(draw.randint(1, 14)):
        kind = draw.random()
        if kind < 0.45:
            word = draw.choice(vocabulary).removeprefix("##")
            parts.append(draw.choice([word, word.upper(), word.capitalize(), word + draw.choice(".,!?:;)")]))
        elif kind < 0.55:
            parts.append("".join(draw.choice(vocabulary).removeprefix("##") for _ in range(draw.randint(2, 4))))
        elif kind < 0.65:
            parts.append(str(draw.randint(0, 10 ** draw.randint(1, 9))))
        else:
            low, high = draw.choice(RANGES)
            parts.append("".join(chr(draw.randint(low, high)) for _ in range(draw.randint(1, 6))))
    return draw.choice([" ", " ", "", "\n", "\u2009"]).join(parts)


def pieces(tokenizer, texts: list[str]) -> list[dict]:
    draw = random.Random(1000)
    special = ("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]")
    vocabulary = sorted(w for w in tokenizer.get_vocab() if w not in special and not w.startswith("[unused"))
    all_texts = list(dict.fromkeys(HARD + texts))
    while len(all_texts) < 1000:
        text = mixed(draw, vocabulary)
        if not any(word in text for word in special):
            all_texts.append(text)
    return [{"text": t, "ids": tokenizer.encode(t).ids} for t in all_texts[:1000]]


def main() -> None:
    model_folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    model = SentenceTransformer(str(model_folder), device="cpu")
    assert model.max_seq_length == 256
    texts = sentences()
    vectors = model.encode(texts, batch_size=1, normalize_embeddings=True).astype(np.float64)
    rounded = np.rint(vectors / np.abs(vectors).max(axis=1, keepdims=True) * 127).astype(np.int8)
    back = rounded / np.linalg.norm(rounded.astype(np.float64), axis=1, keepdims=True)
    print("worst cosine of rounding:", (back * vectors).sum(axis=1).min())
    rounded.tofile(output / "sentences.bin")
    tokenizer = model.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    counts = [len(tokenizer.encode(t).ids) for t in texts]
    print("word pieces:", min(counts), "to", max(counts))
    assert max(counts) <= 256
    dump = {"ensure_ascii": True, "separators": (",", ":")}
    (output / "sentences.json").write_text("[\n" + ",\n".join(json.dumps(t, **dump) for t in texts) + "\n]\n")
    known = pieces(tokenizer, texts)
    (output / "pieces.json").write_text("[\n" + ",\n".join(json.dumps(p, **dump) for p in known) + "\n]\n")


if __name__ == "__main__":
    main()
